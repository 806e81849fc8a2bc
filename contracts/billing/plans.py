"""Payment plans: an order that is paid by instalments, each with its day, and how far each is paid."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.billing.packages import Interval
from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Boolean, Changes, Event, Id, Moment, Money, PageRequest, Rpc, Schema, Sort, Text, page_of

PLAN_STATES = ("active", "past_due", "paid", "cancelled", "written_off")
INSTALMENT_STATES = ("planned", "due", "paid", "cancelled", "written_off")


class PlanId(Schema):
    """Which payment plan."""

    payment_plan_id = Id(required=True)


class InstalmentId(Schema):
    """Which instalment."""

    instalment_id = Id(required=True)


class ChangePlan(PlanId, NoCardNumbers):
    """A merge patch: whether instalments are charged by themselves. Turned on, what is past due is tried anew."""

    automatic = Boolean()
    reason = Text(max=500)


class ListPlans(PageRequest):
    """Newest first."""

    contact_id = Id()
    state = fields.String(validate=validate.OneOf(PLAN_STATES))
    sort = Sort("newest", "oldest")


class ListPlanChanges(PageRequest):
    """Newest first."""

    payment_plan_id = Id(required=True)


class ListInstalments(PageRequest):
    """By the day on which they are due, both days included."""

    contact_id = Id()
    payment_plan_id = Id()
    state = fields.String(validate=validate.OneOf(INSTALMENT_STATES))
    due_from = fields.Date()
    due_until = fields.Date()
    sort = Sort("due_on", "-due_on")


class PaymentPlan(Schema):
    """How an order is paid by instalments. Days are those of the business.

    What is paid for the order, by whatever payment, covers the instalments in their order. With the first one the
    packages begin (`begun_at`), and from then on the default card is charged on each due day, unless `automatic` is
    false: on `next_charge_on` the next time. Past due is a plan of which an instalment failed on every day that it was
    tried, or, not automatic, was not paid for so long; nothing is charged by itself until that one is paid.
    """

    id = Id(required=True)
    contact_id = Id(required=True)
    order_id = Id(required=True)
    order_number = fields.Integer(required=True)
    key = fields.String(required=True, metadata={"description": "of the plan of the packages that were ordered"})
    state = fields.String(required=True, validate=validate.OneOf(PLAN_STATES))
    automatic = Boolean(required=True)
    instalments = fields.Integer(required=True, metadata={"description": "how many there are"})
    interval = fields.Nested(Interval, required=True)
    total = fields.Nested(Money, required=True)
    paid = fields.Nested(Money, required=True)
    left = fields.Nested(Money, required=True, metadata={"description": "what is still to come"})
    next_due_on = fields.Date(required=True, allow_none=True, metadata={"description": "of the first not paid"})
    next_charge_on = fields.Date(required=True, allow_none=True)
    past_due_since = fields.Date(required=True, allow_none=True)
    begun_at = Moment(required=True, allow_none=True)
    made_at = Moment(required=True)
    version = fields.Integer(required=True)


class Instalment(Schema):
    """A part of what an order comes to, and the day on which it is due: `planned` until then."""

    id = Id(required=True)
    payment_plan_id = Id(required=True)
    order_id = Id(required=True)
    order_number = fields.Integer(required=True)
    contact_id = Id(required=True)
    number = fields.Integer(required=True, metadata={"description": "counted from 1"})
    instalments = fields.Integer(required=True, metadata={"description": "of how many"})
    state = fields.String(required=True, validate=validate.OneOf(INSTALMENT_STATES))
    due_on = fields.Date(required=True)
    amount = fields.Nested(Money, required=True)
    paid = fields.Nested(Money, required=True)
    failures = fields.Integer(required=True)
    reason = fields.String(required=True, allow_none=True, metadata={"description": "why it was not charged last time"})
    settled_at = Moment(required=True, allow_none=True)


class PlanChange(Schema):
    """A line of a plan's history: of the whole, or of its instalment of a number."""

    id = Id(required=True)
    instalment = fields.Integer(required=True, allow_none=True)
    what = fields.String(required=True, metadata={"description": "the event's type: `payment_plan.begun`"})
    changes = Changes()
    reason = fields.String(required=True, allow_none=True)
    by = fields.String(required=True)
    at = Moment(required=True)


class PlanTold(Schema):
    """A plan as it is told, after what happened; `changes` says what it was before."""

    payment_plan_id = Id(required=True)
    order_id = Id(required=True)
    order_number = fields.Integer(required=True)
    key = fields.String(required=True)
    state = fields.String(required=True)
    automatic = Boolean(required=True)
    instalments = fields.Integer(required=True)
    total = fields.Nested(Money, required=True)
    left = fields.Nested(Money, required=True)
    next_due_on = fields.Date(required=True, allow_none=True)
    changes = Changes()
    reason = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)


class InstalmentTold(Schema):
    """An instalment as it is told: `amount` is all of it."""

    instalment_id = Id(required=True)
    payment_plan_id = Id(required=True)
    order_id = Id(required=True)
    order_number = fields.Integer(required=True)
    number = fields.Integer(required=True)
    instalments = fields.Integer(required=True)
    amount = fields.Nested(Money, required=True)
    due_on = fields.Date(required=True)
    reason = fields.String(required=True, allow_none=True)
    next_try_on = fields.Date(required=True, allow_none=True)


def _reads(name: str, takes: type[Schema], gives: type[Schema], *raises: type[Exception]) -> Rpc:
    return Rpc("billing", name, needs="purchases.read", takes=takes, gives=gives, raises=raises, writes=False)


list_payment_plans = _reads("list_payment_plans", ListPlans, page_of(PaymentPlan))
get_payment_plan = _reads("get_payment_plan", PlanId, PaymentPlan, NotFound)
list_payment_plan_changes = Rpc(
    "billing", "list_payment_plan_changes", needs="billing.read", takes=ListPlanChanges, gives=page_of(PlanChange),
    raises=(NotFound,), writes=False,
)  # fmt: skip
list_instalments = _reads("list_instalments", ListInstalments, page_of(Instalment), Invalid)
get_instalment = _reads("get_instalment", InstalmentId, Instalment, NotFound)
change_payment_plan = Rpc(
    "billing", "change_payment_plan", needs="billing.sell", takes=ChangePlan, gives=PaymentPlan,
    raises=(NotFound, Invalid, Conflict, Stale),
)  # fmt: skip


def _plan(what: str, about: str) -> Event:
    return Event("billing", f"payment_plan.{what}", data=PlanTold, about=about)


payment_plan_made = _plan("made", "An order is to be paid by instalments.")
payment_plan_begun = _plan("begun", "Its first instalment is paid: what was ordered begins.")
payment_plan_changed = _plan("changed", "Its instalments are charged by themselves from now on, or no longer.")
payment_plan_past_due = _plan(
    "past_due", "An instalment failed on every day that it was tried, or was not paid for so long."
)
payment_plan_caught_up = _plan("caught_up", "What was past due is paid; it goes on.")
payment_plan_paid = _plan("paid", "All of it is paid.")
payment_plan_cancelled = _plan("cancelled", "Its order is cancelled, or given back: nothing more is to be paid.")
payment_plan_written_off = _plan("written_off", "Nobody expects the rest of it any more.")
instalment_due = Event("billing", "instalment.due", data=InstalmentTold, about="The day of an instalment has come.")
instalment_paid = Event("billing", "instalment.paid", data=InstalmentTold, about="An instalment is paid, all of it.")
instalment_failed = Event(
    "billing", "instalment.failed", data=InstalmentTold, about="An instalment could not be charged this time."
)
instalment_reopened = Event(
    "billing", "instalment.reopened", data=InstalmentTold, about="Its payment was given back: it is due again."
)
