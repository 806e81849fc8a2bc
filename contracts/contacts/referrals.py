"""Referrals: whom a contact brought along, by a code of their own or with a buddy pass, and how far they came."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.introducing import Named
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import (
    PUBLIC,
    Boolean,
    Changes,
    Event,
    Id,
    Moment,
    Money,
    PageRequest,
    Rpc,
    Schema,
    Sort,
    page_of,
)

VIAS = ("referral", "buddy_pass", "import")


class OfContact(Schema):
    contact_id = Id(required=True)


class ReferralCode(Schema):
    """What a contact hands on; `path` is where it stands on the web."""

    contact_id = Id(required=True)
    code = fields.String(required=True)
    path = fields.String(required=True)
    made_at = Moment(required=True)


class Code(Schema):
    """A code as it was handed on; letter case and hyphens do not matter."""

    code = fields.String(required=True, validate=validate.Length(max=50))


class PublicReferral(Schema):
    """What everybody with the code may know: who invites, by first name, and to what business."""

    first_name = fields.String(required=True)
    business_name = fields.String(
        required=True, allow_none=True, metadata={"description": "null until the business has said its name"}
    )


class PublicPass(PublicReferral):
    valid_until = Moment(required=True)


class Progress(Schema):
    """How many were brought along, and how far they are now."""

    referred = fields.Integer(required=True)
    leads = fields.Integer(required=True)
    customers = fields.Integer(required=True)
    former_customers = fields.Integer(required=True)


class ReferralReward(Schema):
    """What billing gave for it, and whether that still stands; null for who may see no money."""

    state = fields.String(required=True, validate=validate.OneOf(("earned", "taken_back")))
    kind = fields.String(required=True, validate=validate.OneOf(("credit", "free_cycle")))
    credit = fields.Nested(Money, required=True, allow_none=True)


class Referral(Schema):
    """`state` is the lifecycle of the referred now; `converted_at` when they became a customer, if they still are."""

    id = Id(required=True)
    referred = fields.Nested(Named, required=True)
    via = fields.String(required=True, validate=validate.OneOf(VIAS))
    buddy_pass_id = Id(required=True, allow_none=True)
    state = fields.String(required=True)
    referred_at = Moment(required=True)
    converted_at = Moment(required=True, allow_none=True)
    reward = fields.Nested(ReferralReward, required=True, allow_none=True)


class ReferredBy(Schema):
    """Who brought the contact along, and how."""

    referrer = fields.Nested(Named, required=True)
    via = fields.String(required=True)
    referred_at = Moment(required=True)


class Referrals(page_of(Referral)):  # type: ignore[misc]
    """Both sides: whom the contact brought along, and who brought them.

    `rewards` is what that earned as credit and was not taken back, a sum for each currency, and `free_cycles` how many
    of these; both are null for who may see no money.
    """

    code = fields.String(required=True, allow_none=True)
    progress = fields.Nested(Progress, required=True)
    referred_by = fields.Nested(ReferredBy, required=True, allow_none=True)
    rewards = fields.List(fields.Nested(Money), required=True, allow_none=True)
    free_cycles = fields.Integer(required=True, allow_none=True)


class ListReferrals(PageRequest):
    contact_id = Id(required=True)
    via = fields.String(validate=validate.OneOf(VIAS))
    state = fields.String(validate=validate.OneOf(("lead", "customer", "former_customer")))
    buddy_pass_id = Id()
    sort = Sort("newest", "oldest")


class BuddyPass(Schema):
    """`uses` of `uses_allowed` are used up; `open` says whether a guest can still come with it."""

    id = Id(required=True)
    contact_id = Id(required=True)
    code = fields.String(required=True)
    path = fields.String(required=True)
    valid_until = Moment(required=True)
    uses_allowed = fields.Integer(required=True)
    uses = fields.Integer(required=True)
    withdrawn_at = Moment(required=True, allow_none=True)
    open = Boolean(required=True)
    version = fields.Integer(required=True)
    made_at = Moment(required=True)


MOST_USES = 100


class MakeBuddyPass(Schema):
    contact_id = Id(required=True)
    valid_until = Moment(metadata={"description": "30 days from now unless told otherwise"})
    uses_allowed = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_USES))


class BuddyPassId(Schema):
    buddy_pass_id = Id(required=True)


class ChangeBuddyPass(BuddyPassId):
    """`withdrawn` closes a pass, and false opens it again."""

    valid_until = Moment()
    uses_allowed = fields.Integer(strict=True, validate=validate.Range(1, MOST_USES))
    withdrawn = Boolean()


class ListBuddyPasses(PageRequest):
    contact_id = Id(required=True)
    open = Boolean()
    sort = Sort("newest", "oldest")


make_referral_code = Rpc(
    "contacts", "make_referral_code", needs="referrals.write", takes=OfContact, gives=ReferralCode,
    raises=(NotFound, Merged, Conflict), about="Give the contact's code, made at the first asking.",
)  # fmt: skip
get_referral_code = Rpc(
    "contacts", "get_referral_code", needs="referrals.read", takes=OfContact, gives=ReferralCode,
    raises=(NotFound, Merged), writes=False,
)  # fmt: skip
list_referrals = Rpc(
    "contacts", "list_referrals", needs="referrals.read", takes=ListReferrals, gives=Referrals,
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
view_referral = Rpc(
    "contacts", "view_referral", needs=PUBLIC, takes=Code, gives=PublicReferral, raises=(NotFound,), writes=False,
    about="Whose code this is, by first name alone.",
)  # fmt: skip
make_buddy_pass = Rpc(
    "contacts", "make_buddy_pass", needs="referrals.write", takes=MakeBuddyPass, gives=BuddyPass,
    raises=(NotFound, Merged, Conflict, Invalid),
)  # fmt: skip
get_buddy_pass = Rpc(
    "contacts", "get_buddy_pass", needs="referrals.read", takes=BuddyPassId, gives=BuddyPass, raises=(NotFound,),
    writes=False,
)  # fmt: skip
list_buddy_passes = Rpc(
    "contacts", "list_buddy_passes", needs="referrals.read", takes=ListBuddyPasses, gives=page_of(BuddyPass),
    raises=(NotFound, Merged, Invalid), writes=False,
)  # fmt: skip
change_buddy_pass = Rpc(
    "contacts", "change_buddy_pass", needs="referrals.write", takes=ChangeBuddyPass, gives=BuddyPass,
    raises=(NotFound, Merged, Conflict, Invalid, Stale),
)  # fmt: skip
view_buddy_pass = Rpc(
    "contacts", "view_buddy_pass", needs=PUBLIC, takes=Code, gives=PublicPass, raises=(NotFound,), writes=False,
    about="Who invites, by first name alone; a pass that is used up, withdrawn or over is not found.",
)  # fmt: skip


class ReferralCodeTold(Schema):
    made_at = Moment(required=True)


class ReferralTold(Schema):
    """The subject is who referred."""

    referral_id = Id(required=True)
    referred_id = Id(required=True)
    referred_name = fields.String(required=True)
    via = fields.String(required=True)


class ReferralProgressed(ReferralTold):
    before = fields.String(required=True)
    after = fields.String(required=True)
    reason = fields.String(required=True)


class BuddyPassTold(Schema):
    """The subject is the host."""

    buddy_pass_id = Id(required=True)
    valid_until = Moment(required=True)
    uses_allowed = fields.Integer(required=True)
    withdrawn = Boolean(required=True)
    version = fields.Integer(required=True)


class BuddyPassChanged(BuddyPassTold):
    changes = Changes()


_NAME = ("referred_name",)
referral_code_made = Event(
    "contacts", "referral_code.made", data=ReferralCodeTold, about="A contact has a code to hand on from now."
)
referral_made = Event(
    "contacts", "referral.made", data=ReferralTold, personal=_NAME, about="A contact brought a new lead along."
)
referral_removed = Event(
    "contacts", "referral.removed", data=ReferralTold, personal=_NAME,
    about="A file said so, and its import was taken back.",
)  # fmt: skip
referral_converted = Event(
    "contacts", "referral.converted", data=ReferralProgressed, personal=_NAME, about="The referred became a customer."
)
referral_reversed = Event(
    "contacts", "referral.reversed", data=ReferralProgressed, personal=_NAME,
    about="What made the referred a customer never was; whatever was earned by it is to be taken back.",
)  # fmt: skip
buddy_pass_made = Event("contacts", "buddy_pass.made", data=BuddyPassTold)
buddy_pass_changed = Event("contacts", "buddy_pass.changed", data=BuddyPassChanged)
