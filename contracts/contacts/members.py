"""Members: contacts who sign in by a one-time code to see what is theirs."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.people import ContactId
from contracts.contacts.signups import Received
from contracts.contacts.team import RefreshToken
from contracts.errors import Conflict, Invalid, Merged, NotFound, NotSignedIn
from contracts.language import PUBLIC, Event, Id, Moment, Nothing, Rpc, Schema, Text


class AskForMemberCode(Schema):
    """`device_token` is what this device was given when somebody last signed in there by this address."""

    email = Text(required=True, min=3, max=254)
    device_token = fields.String(load_only=True, validate=validate.Length(max=100))


class SignInAsMember(AskForMemberCode):
    """`code` as it stands in the letter: six digits. `device_token` is sent if the code was asked for with it."""

    code = fields.String(required=True, load_only=True, validate=validate.Regexp(r"\A[0-9]{6}\Z"))


class Member(Schema):
    id = Id(required=True, metadata={"description": "the contact's"})
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class MemberSession(Schema):
    """As a session of the team's: the gateway makes the access token of `member` and `session_id`."""

    session_id = Id(required=True)
    member = fields.Nested(Member, required=True)
    refresh_token = fields.String(required=True)
    refresh_expires_at = Moment(required=True)


class BegunMemberSession(MemberSession):
    """Keep `device_token` on the device, also when they sign out: it opens nothing. Codes that are asked for and tried
    with it are counted apart from those of strangers, who can use up only their own."""

    device_token = fields.String(required=True)


class MemberCodeAsked(Schema):
    code_id = Id(required=True)


class MemberCodeSendAsked(Schema):
    """The code itself is not told: whoever has the secret of the house makes it of `code_id` (decision 0040)."""

    code_id = Id(required=True)
    email = fields.String(required=True)
    display_name = fields.String(required=True)
    expires_at = Moment(required=True)


class MemberSessionBegun(Schema):
    session_id = Id(required=True)


class MemberSessionEnded(Schema):
    session_id = Id(required=True)
    reason = fields.String(
        required=True,
        validate=validate.OneOf(
            (
                "signed_out", "signed_out_by_team", "token_reused", "archived", "address_removed", "no_customer",
                "closed_to_leads",
            )
        ),
    )  # fmt: skip


ask_for_member_code = Rpc(
    "contacts", "ask_for_member_code", needs=PUBLIC, takes=AskForMemberCode, gives=Received, raises=(Invalid,),
    remembered=False,
    about="A code goes to the address, good once and for ten minutes, if it is that of a contact who may sign in. "
    "Whether it is, the answer does not tell: it is given before anybody looks. Asked again, the last code is the one "
    "that is good. After five codes for one address the next is sent an hour after the last; "
    "a `device_token` has them counted apart from whoever asks without.",
)  # fmt: skip
sign_in_as_member = Rpc(
    "contacts", "sign_in_as_member", needs=PUBLIC, takes=SignInAsMember, gives=BegunMemberSession,
    raises=(Invalid, NotSignedIn), remembered=False,
    about="Five tries a code. A wrong code, one that was used and one that is over get the same answer. Customers may "
    "sign in and, where the setting `leads_may_sign_in` says so, leads and former customers; nobody who is archived.",
)  # fmt: skip
refresh_member_session = Rpc(
    "contacts", "refresh_member_session", needs=PUBLIC, takes=RefreshToken, gives=MemberSession, raises=(NotSignedIn,),
    remembered=False,
)  # fmt: skip
sign_out_member = Rpc(
    "contacts", "sign_out_member", needs=PUBLIC, takes=RefreshToken, gives=Nothing, remembered=False,
    about="Ends the session of the token; an unknown one is no error.",
)  # fmt: skip
sign_out_contact = Rpc(
    "contacts", "sign_out_contact", needs="contacts.write", takes=ContactId, gives=Nothing,
    raises=(NotFound, Merged, Conflict),
    about="Ends all sessions of a contact as a member. Who still reads a mailbox of theirs can sign in again: take "
    "that address off the contact.",
)  # fmt: skip

member_code_asked = Event(
    "contacts", "member_code.asked", data=MemberCodeAsked, about="Somebody wants to sign in; it is not said who."
)
member_code_send_asked = Event(
    "contacts", "member_code.send_asked", data=MemberCodeSendAsked, personal=("email", "display_name"),
    about="A one-time code is to be sent; told again as a message.",
)  # fmt: skip
member_session_begun = Event("contacts", "member_session.begun", data=MemberSessionBegun, about="They signed in.")
member_session_ended = Event(
    "contacts", "member_session.ended", data=MemberSessionEnded,
    about="Whoever admits people by their access tokens refuses this session's from now on.",
)  # fmt: skip
