"""The people who work here: their accounts, their roles, and how they sign in."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.access import API, ROLES
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Stale, Throttled
from contracts.language import (
    PUBLIC,
    SIGNED_IN,
    Boolean,
    Changes,
    Event,
    Id,
    Moment,
    Nothing,
    PageRequest,
    Rpc,
    Schema,
    Sort,
    Text,
    page_of,
)  # fmt: skip

TEAM_ROLES = tuple(role for role in ROLES if role not in ("member", API, "service"))


class Password(Text):
    """At least ten characters; never dumped."""

    def __init__(self, *, min: int = 10) -> None:
        super().__init__(required=True, min=min, max=200, load_only=True)

    def _deserialize(self, value, attr, data, **kwargs):  # type: ignore[no-untyped-def]
        super()._deserialize(value, attr, data, **kwargs)
        return value  # spaces at the ends are part of a password


class TeamMember(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    role = fields.String(required=True, validate=validate.OneOf(TEAM_ROLES))
    active = Boolean(required=True)
    version = fields.Integer(required=True)
    created_at = Moment()


class Me(Schema):
    """An account of the team; or a member, whose `id` is their contact's, and of whom there is no more to say."""

    id = Id(required=True)
    name = fields.String(required=True)
    email = fields.String(metadata={"description": "of the team"})
    role = fields.String(required=True, validate=validate.OneOf((*TEAM_ROLES, "member")))
    active = Boolean(metadata={"description": "of the team"})
    version = fields.Integer(required=True)
    created_at = Moment(metadata={"description": "of the team"})
    permissions = fields.List(fields.String(), required=True)


class SignIn(Schema):
    email = Text(required=True, min=1, max=254)
    password = Password(min=1)


class Session(Schema):
    """A door-keeper's answer: the gateway makes the short-lived access token of `team_member` and `session_id`.

    `refresh_token` is good once, until `refresh_expires_at`. Sent again within ten seconds, because the answer was
    lost, it gets the same answer; used again later, it ends the session.
    """

    session_id = Id(required=True)
    team_member = fields.Nested(TeamMember, required=True)
    refresh_token = fields.String(required=True)
    refresh_expires_at = Moment(required=True)


class RefreshToken(Schema):
    refresh_token = Text(required=True, min=1, max=200)


class EnsureOwner(Schema):
    """`password` is set anew when it differs: who may ask this holds the database anyway."""

    email = Text(required=True, min=3, max=254)
    name = Text(max=200, load_default="Owner")
    password = Password()


class OwnerEnsured(Schema):
    team_member = fields.Nested(TeamMember, required=True)
    created = Boolean(required=True)


class ListTeam(PageRequest):
    """`active` leaves out who left when true, who is here when false; all are listed without it."""

    active = Boolean()
    role = fields.String(validate=validate.OneOf(TEAM_ROLES))
    q = Text(max=200, metadata={"description": "any part of the name or e-mail address"})
    sort = Sort("oldest", "newest", "name", "-name")


class TeamMemberId(Schema):
    team_member_id = Id(required=True)


class AddTeamMember(Schema):
    email = Text(required=True, min=3, max=254)
    name = Text(required=True, min=1, max=200)
    role = fields.String(required=True, validate=validate.OneOf(TEAM_ROLES))
    password = Password()


class ChangeTeamMember(Schema):
    team_member_id = Id(required=True)
    name = Text(min=1, max=200)
    role = fields.String(validate=validate.OneOf(TEAM_ROLES))
    active = Boolean()


ensure_owner = Rpc("contacts", "ensure_owner", needs="system", takes=EnsureOwner, gives=OwnerEnsured, raises=(Invalid,))
sign_in = Rpc(
    "contacts", "sign_in", needs=PUBLIC, takes=SignIn, gives=Session, raises=(NotSignedIn, Throttled),
    remembered=False,
    about="An unknown address and a wrong password get the same answer after the same time.",
)  # fmt: skip
refresh_session = Rpc(
    "contacts", "refresh_session", needs=PUBLIC, takes=RefreshToken, gives=Session, raises=(NotSignedIn,),
    remembered=False,
)  # fmt: skip
sign_out = Rpc(
    "contacts", "sign_out", needs=PUBLIC, takes=RefreshToken, gives=Nothing, remembered=False,
    about="Ends the session of the token; an unknown one is no error.",
)  # fmt: skip
get_me = Rpc("contacts", "get_me", needs=SIGNED_IN, gives=Me, raises=(NotFound,), writes=False)
list_team = Rpc(
    "contacts", "list_team", needs="team.read", takes=ListTeam, gives=page_of(TeamMember), raises=(Invalid,),
    writes=False,
)  # fmt: skip
get_team_member = Rpc(
    "contacts", "get_team_member", needs="team.read", takes=TeamMemberId, gives=TeamMember, raises=(NotFound,),
    writes=False,
)  # fmt: skip
add_team_member = Rpc(
    "contacts", "add_team_member", needs="team.manage", takes=AddTeamMember, gives=TeamMember,
    raises=(Invalid, Conflict, Forbidden), about="Only an owner makes an owner.",
)  # fmt: skip
change_team_member = Rpc(
    "contacts", "change_team_member", needs="team.manage", takes=ChangeTeamMember, gives=TeamMember,
    raises=(Invalid, NotFound, Conflict, Forbidden, Stale),
    about="Whoever is deactivated cannot sign in any more, and keeps their name on what they wrote. "
    "The last active owner stays.",
)  # fmt: skip


class TeamMemberAdded(Schema):
    team_member_id = Id(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    active = Boolean(required=True)
    version = fields.Integer(required=True)


class TeamMemberChanged(TeamMemberAdded):
    changes = Changes()


team_member_added = Event("contacts", "team_member.added", data=TeamMemberAdded, personal=("name",))
team_member_changed = Event(
    "contacts", "team_member.changed", data=TeamMemberChanged, personal=("name", "changes")
)  # fmt: skip
