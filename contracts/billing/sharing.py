"""Shared memberships: contacts who are related to the owner of a subscription use it too, up to its seats (B11)."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.packages import PricingOption
from contracts.billing.subscriptions import SUBSCRIPTION_STATES, SubscriptionId
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale, Unavailable
from contracts.language import Boolean, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, page_of


class AddSubscriptionMember(SubscriptionId):
    """Who uses the subscription from now on: an active contact whom a relation of any kind binds to its owner."""

    contact_id = Id(required=True)


class OneMember(SubscriptionId):
    """Who of those who use a subscription."""

    contact_id = Id(required=True)


class ListMembers(PageRequest):
    """Who uses the subscription beside its owner, or with `current` false who did once."""

    subscription_id = Id(required=True)
    current = Boolean(load_default=True)
    sort = Sort("newest", "oldest")


class SubscriptionMember(Schema):
    """A contact's seat on somebody else's subscription; `left_at` is null while they use it."""

    id = Id(required=True)
    subscription_id = Id(required=True)
    contact_id = Id(required=True)
    display_name = fields.String(required=True, allow_none=True)
    joined_at = Moment(required=True)
    added_by = fields.String(required=True)
    left_at = Moment(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why they use it no longer"})


class ListSharedMemberships(PageRequest):
    """What a contact uses of others, or with `current` false once used."""

    contact_id = Id(required=True)
    current = Boolean(load_default=True)
    sort = Sort("newest", "oldest")


class Owner(Schema):
    """Who pays."""

    id = Id(required=True)
    display_name = fields.String(required=True, allow_none=True)


class SharedMembership(Schema):
    """Somebody else's subscription, as one who uses it sees it; `state` and days are the subscription's."""

    id = Id(required=True)
    subscription_id = Id(required=True)
    owner = fields.Nested(Owner, required=True)
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(SUBSCRIPTION_STATES))
    pricing_option = PricingOption()
    expires_on = fields.Date(required=True, allow_none=True)
    joined_at = Moment(required=True)
    left_at = Moment(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


add_subscription_member = Rpc(
    "billing", "add_subscription_member", needs="billing.sell", takes=AddSubscriptionMember, gives=SubscriptionMember,
    raises=(NotFound, Invalid, Conflict, Stale, Merged, Unavailable),
    about="Let a related contact use the subscription; once more is harmless.",
)  # fmt: skip
remove_subscription_member = Rpc(
    "billing", "remove_subscription_member", needs="billing.sell", takes=OneMember, raises=(NotFound, Stale),
    about="Let somebody use it no longer.",
)  # fmt: skip
get_subscription_member = Rpc(
    "billing", "get_subscription_member", needs="billing.read", takes=OneMember, gives=SubscriptionMember,
    raises=(NotFound,), writes=False,
)  # fmt: skip
list_subscription_members = Rpc(
    "billing", "list_subscription_members", needs="billing.read", takes=ListMembers, gives=page_of(SubscriptionMember),
    raises=(NotFound, Invalid), writes=False,
)  # fmt: skip
list_shared_memberships = Rpc(
    "billing", "list_shared_memberships", needs="purchases.read", takes=ListSharedMemberships,
    gives=page_of(SharedMembership), raises=(Invalid,), writes=False,
)  # fmt: skip


class SharedMembershipTold(Schema):
    """The subject is who uses it; `seat_id` stands for this use of it, and `state` and days are the subscription's."""

    seat_id = Id(required=True)
    subscription_id = Id(required=True)
    owner_id = Id(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    pricing_option = PricingOption()
    expires_on = fields.Date(required=True, allow_none=True)


class SharedMembershipJoined(SharedMembershipTold):
    owner_name = fields.String(required=True)


class SharedMembershipLeft(SharedMembershipTold):
    """`state` says how it ended for them: expired, else cancelled. With `reversed` it is as if it never was."""

    reason = fields.String(required=True)
    reversed = Boolean(required=True)
    ended_at = Moment(required=True)


class SeatTold(Schema):
    """The subject is the owner; `seats_taken` counts them."""

    seat_id = Id(required=True)
    subscription_id = Id(required=True)
    name = fields.String(required=True)
    member_id = Id(required=True)
    member_name = fields.String(required=True)
    seats = fields.Integer(required=True)
    seats_taken = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True)


_OWNER, _MEMBER = ("owner_name",), ("member_name",)
shared_membership_joined = Event(
    "billing", "shared_membership.joined", data=SharedMembershipJoined, personal=_OWNER,
    about="A contact uses a membership that somebody else pays for.",
)  # fmt: skip
shared_membership_changed = Event(
    "billing", "shared_membership.changed", data=SharedMembershipTold,
    about="What a contact uses is renewed, paused, past due, goes on, or has other terms.",
)  # fmt: skip
shared_membership_left = Event(
    "billing", "shared_membership.left", data=SharedMembershipLeft,
    about="A contact uses it no longer, or it is over itself.",
)  # fmt: skip
seat_taken = Event("billing", "seat.taken", data=SeatTold, personal=_MEMBER, about="Somebody uses it with the owner.")
seat_freed = Event(
    "billing", "seat.freed", data=SeatTold, personal=_MEMBER,
    about="Somebody uses it no longer; not told of each when the subscription itself is over.",
)  # fmt: skip
