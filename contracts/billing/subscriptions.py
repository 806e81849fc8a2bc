"""Subscriptions: memberships that are charged cycle by cycle until they end, and each cycle's charge, the renewal."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.billing.packages import Cycle, PricingOption
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

SUBSCRIPTION_STATES = ("active", "paused", "past_due", "cancelled", "expired")
RENEWAL_STATES = ("open", "paid", "refunded", "waived", "written_off")
NOW, END_OF_CYCLE = "now", "end_of_cycle"
PAID_UNTIL = {"description": "paid until; while paused, if resumed on `resumes_on`, and null where that is not known"}


class SubscriptionId(Schema):
    """Which subscription."""

    subscription_id = Id(required=True)


class RenewalId(Schema):
    """Which renewal."""

    renewal_id = Id(required=True)


class PauseSubscription(SubscriptionId, NoCardNumbers):
    """From today on nothing is charged and no day is used up, until it is resumed: by itself on `resumes_on`."""

    resumes_on = fields.Date()
    reason = Text(max=500)


class ChangeSubscription(SubscriptionId, NoCardNumbers):
    """Other terms: those of another package as it is sold now, and of these another `cycle` with its `price`.

    At the end of what is paid for, where nothing else is said. `now` begins a new cycle today, as soon as it is paid;
    what was paid for the days that are left is taken off its price. Where more is left than it costs, or instalments
    for these days are still to come, only the end of the cycle is possible. A cycle and price of one's own need the
    permission `packages.manage`, less than the contact is committed to `subscriptions.force`. Terms of fewer seats than
    are taken are refused.
    """

    package_id = Id()
    cycle = fields.Nested(Cycle)
    price = fields.Nested(Money)
    when = fields.String(load_default=END_OF_CYCLE, validate=validate.OneOf((NOW, END_OF_CYCLE)))
    reason = Text(max=500)


class CancelSubscription(SubscriptionId, NoCardNumbers):
    """At the end of what is paid for, and of what the contact is committed to; or `now`, which `force` allows before
    the commitment is over (permission `subscriptions.force`). What is still owed by instalments stays owed; `now` turns
    `automatic` of their payment plan off."""

    when = fields.String(load_default=END_OF_CYCLE, validate=validate.OneOf((NOW, END_OF_CYCLE)))
    force = Boolean(load_default=False)
    reason = Text(max=500)


class ListSubscriptions(PageRequest):
    """Newest first."""

    contact_id = Id()
    package_id = Id()
    state = fields.String(validate=validate.OneOf(SUBSCRIPTION_STATES))
    sort = Sort("newest", "oldest")


class ListChanges(PageRequest):
    """Newest first."""

    subscription_id = Id(required=True)


class ListRenewals(PageRequest):
    """Newest first."""

    contact_id = Id()
    subscription_id = Id()
    state = fields.String(validate=validate.OneOf(RENEWAL_STATES))
    sort = Sort("newest", "oldest")


class Terms(Schema):
    """What is charged, and how often."""

    package_id = Id(required=True)
    package_version = fields.Integer(required=True)
    name = fields.String(required=True)
    price = fields.Nested(Money, required=True)
    cycle = fields.Nested(Cycle, required=True)
    seats = fields.Integer(metadata={"description": "how many use it together, the owner among them"})


class Subscription(Terms):
    """A membership that goes on by itself, on the terms that it was sold with. Days are those of the business.

    `expires_on` is the last day that is paid for, `ends_on` the last day of one that was cancelled. `planned` is what
    it is charged from `next_charge_on` on, or, while the charge of a change is open, as soon as that is paid. Past due
    is one whose charge failed on every day that it was tried. `seats_taken` counts the owner.

    `next_charge_on` is a day on which it is charged: while a charge is open, the next day on which that is tried. It
    is null where nothing is charged by itself: past due, paused, over, or cancelled with nothing left to charge. One
    that is over `expires_on` no later than it ended.

    While it is paused the days ahead are those that will hold when it is resumed on `resumes_on`. Where that is null
    nobody knows them: `expires_on` is null, `committed_until` and `ends_on` are the earliest that they can be.
    """

    id = Id(required=True)
    contact_id = Id(required=True)
    assignment_id = Id(required=True)
    state = fields.String(required=True, validate=validate.OneOf(SUBSCRIPTION_STATES))
    pricing_option = PricingOption()
    started_on = fields.Date(required=True)
    expires_on = fields.Date(required=True, allow_none=True, metadata=PAID_UNTIL)
    next_charge_on = fields.Date(required=True, allow_none=True, metadata={"description": "null: none comes"})
    committed_until = fields.Date(required=True, allow_none=True)
    ends_on = fields.Date(required=True, allow_none=True)
    paused_on = fields.Date(required=True, allow_none=True)
    resumes_on = fields.Date(required=True, allow_none=True)
    days_left = fields.Integer(
        required=True, allow_none=True,
        metadata={"description": "of a paused one: so many paid days it has once it goes on, whenever that is"},
    )  # fmt: skip
    past_due_since = fields.Date(required=True, allow_none=True)
    open_renewal_id = Id(required=True, allow_none=True)
    planned = fields.Nested(Terms, required=True, allow_none=True)
    seats_taken = fields.Integer(required=True)
    version = fields.Integer(required=True)


class SubscriptionChange(Schema):
    """A line of a subscription's history."""

    id = Id(required=True)
    what = fields.String(required=True, metadata={"description": "the event's type: `subscription.paused`"})
    changes = Changes()
    reason = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class Renewal(Schema):
    """The charge of one cycle; no order. It is due from `due_on` on, tried again on `next_try_on`, and paid whole."""

    id = Id(required=True)
    subscription_id = Id(required=True)
    contact_id = Id(required=True)
    number = fields.Integer(required=True, metadata={"description": "counted from 1 in its subscription"})
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(RENEWAL_STATES))
    starts_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    amount = fields.Nested(Money, required=True)
    refunded = fields.Nested(Money, required=True)
    due = fields.Nested(Money, required=True)
    failures = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why it was not paid last time"})
    next_try_on = fields.Date(required=True, allow_none=True)
    settled_at = Moment(required=True, allow_none=True)
    version = fields.Integer(required=True)


class SubscriptionTold(Schema):
    """A subscription as it is told, after what happened; `changes` says what it was before."""

    subscription_id = Id(required=True)
    assignment_id = Id(required=True)
    name = fields.String(required=True)
    state = fields.String(required=True)
    pricing_option = PricingOption()
    price = fields.Nested(Money, required=True)
    expires_on = fields.Date(required=True, allow_none=True)
    next_charge_on = fields.Date(required=True, allow_none=True)
    ends_on = fields.Date(required=True, allow_none=True)
    resumes_on = fields.Date(required=True, allow_none=True)
    changes = Changes()
    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class RenewalTold(Schema):
    """A cycle's charge as it is told."""

    renewal_id = Id(required=True)
    subscription_id = Id(required=True)
    number = fields.Integer(required=True)
    name = fields.String(required=True)
    amount = fields.Nested(Money, required=True)
    starts_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    reason = fields.String(required=True, allow_none=True)
    next_try_on = fields.Date(required=True, allow_none=True)


class FreeCycleUsed(Schema):
    """A cycle that fell due and is not owed; `amount` is what it would have cost, `reason` why it was given."""

    free_cycle_id = Id(required=True)
    renewal_id = Id(required=True)
    subscription_id = Id(required=True)
    name = fields.String(required=True)
    amount = fields.Nested(Money, required=True)
    starts_on = fields.Date(required=True)
    until_on = fields.Date(required=True)
    reason = fields.String(required=True)


_refusals = (NotFound, Invalid, Conflict, Stale)


def _reads(name: str, takes: type[Schema], gives: type[Schema], *raises: type[Exception]) -> Rpc:
    return Rpc("billing", name, needs="purchases.read", takes=takes, gives=gives, raises=raises, writes=False)


def _changes(name: str, takes: type[Schema], *more: type[Exception]) -> Rpc:
    raises: tuple[type[Exception], ...] = (*_refusals, *more)
    return Rpc("billing", name, needs="billing.sell", takes=takes, gives=Subscription, raises=raises)


list_subscriptions = _reads("list_subscriptions", ListSubscriptions, page_of(Subscription))
get_subscription = _reads("get_subscription", SubscriptionId, Subscription, NotFound)
list_subscription_changes = Rpc(
    "billing", "list_subscription_changes", needs="billing.read", takes=ListChanges, gives=page_of(SubscriptionChange),
    raises=(NotFound,), writes=False,
)  # fmt: skip
pause_subscription = _changes("pause_subscription", PauseSubscription)
resume_subscription = _changes("resume_subscription", SubscriptionId)
change_subscription = _changes("change_subscription", ChangeSubscription, Forbidden)
withdraw_change = _changes("withdraw_change", SubscriptionId)
cancel_subscription = _changes("cancel_subscription", CancelSubscription, Forbidden)
withdraw_cancellation = _changes("withdraw_cancellation", SubscriptionId)
list_renewals = _reads("list_renewals", ListRenewals, page_of(Renewal))
get_renewal = _reads("get_renewal", RenewalId, Renewal, NotFound)
waive_renewal = Rpc(
    "billing", "waive_renewal", needs="billing.correct", takes=RenewalId, gives=Renewal, raises=_refusals,
    about="Let a cycle be as good as paid: it is not owed any more.",
)  # fmt: skip


def _event(what: str, about: str) -> Event:
    return Event("billing", f"subscription.{what}", data=SubscriptionTold, about=about)


subscription_begun = _event("begun", "A membership was paid for, and goes on by itself.")
subscription_prepaid = _event("prepaid", "More cycles of it were bought ahead, by an order.")
subscription_shortened = _event("shortened", "An order that paid for days of it was given back: those not used go.")
subscription_renewed = _event("renewed", "Another cycle is paid for.")
subscription_paused = _event("paused", "It stands still: nothing is charged, no day is used up.")
subscription_resumed = _event("resumed", "It goes on; its days moved by as long as it was paused.")
subscription_changed = _event("changed", "It has other terms.")
subscription_change_asked = _event("change_asked", "It will have other terms once their first cycle is paid.")
subscription_change_planned = _event("change_planned", "It will have other terms from its next charge on.")
subscription_change_withdrawn = _event("change_withdrawn", "It keeps its terms.")
subscription_past_due = _event("past_due", "Its charge failed on every day that it was tried.")
subscription_cancellation_planned = _event("cancellation_planned", "It will end on `ends_on`.")
subscription_cancellation_withdrawn = _event("cancellation_withdrawn", "It goes on.")
subscription_cancelled = _event("cancelled", "It is over: somebody cancelled it, or what began it was given back.")
subscription_expired = _event("expired", "It is over: it was not paid for too long.")
renewal_due = Event("billing", "renewal.due", data=RenewalTold, about="Another cycle is owed. Not an order.")
renewal_failed = Event("billing", "renewal.failed", data=RenewalTold, about="A cycle could not be charged this time.")
free_cycle_used = Event(
    "billing", "free_cycle.used", data=FreeCycleUsed, personal=("reason",), about="A cycle costs nothing this time."
)
renewal_waived = Event("billing", "renewal.waived", data=RenewalTold, about="A cycle is not owed any more.")
