"""Facts: what the events of all services add up to for one contact, ready to be read and filtered by."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.people import ContactId
from contracts.errors import Merged, NotFound
from contracts.language import Boolean, Event, Id, Moment, Rpc, Schema

SUBSCRIPTION_STATES = ("active", "paused", "past_due", "cancelled", "expired")


class Sum(Schema):
    """What amounts add up to, in minor units; below zero when more went back than came."""

    amount = fields.Integer(required=True)
    currency = fields.String(required=True)


class Spend(Schema):
    """Taken less given back: in total, for each booking that stands, and for each month since the first purchase."""

    total = fields.Nested(Sum, required=True)
    per_booking = fields.Nested(Sum, required=True, allow_none=True)
    per_month = fields.Nested(Sum, required=True, allow_none=True)


class ServiceUsed(Schema):
    """What a contact came for, how often, and when last."""

    title = fields.String(required=True)
    visits = fields.Integer(required=True)
    last_at = Moment(required=True)


class Facts(Schema):
    """A contact in figures; money in the currency of the business, other currencies apart.

    What was bought and what it came to is null for who may not see billing, and `billing` is `withheld` then.
    """

    contact_id = Id(required=True)
    currency = fields.String(required=True)
    lifetime_value = fields.Integer(
        required=True, allow_none=True,
        metadata={"description": "money that came and was not paid back, minor units; account credit is no money"},
    )  # fmt: skip
    dues = fields.Integer(
        required=True, allow_none=True, metadata={"description": "what is owed on orders, minor units"}
    )
    purchases = fields.Integer(
        required=True, allow_none=True, metadata={"description": "orders paid for and not given back whole"}
    )
    first_purchase_at = Moment(required=True, allow_none=True)
    last_purchase_at = Moment(required=True, allow_none=True)
    spend = fields.Nested(Spend, required=True, allow_none=True)
    other_currencies = fields.List(fields.Nested(Sum), required=True, allow_none=True)
    subscription_state = fields.String(
        required=True, allow_none=True, validate=validate.OneOf(SUBSCRIPTION_STATES),
        metadata={"description": "null: never had one"},
    )  # fmt: skip
    had_subscription = Boolean(required=True)
    membership = fields.String(required=True, allow_none=True)
    pricing_option = fields.String(required=True, allow_none=True)
    membership_expires_on = fields.Date(required=True, allow_none=True)
    trial = Boolean(required=True, metadata={"description": "has a trial package now"})
    stage = fields.String(required=True, allow_none=True, metadata={"description": "on the pipeline board"})
    bookings = fields.Integer(required=True, metadata={"description": "booked and not cancelled, past and ahead"})
    visits = fields.Integer(required=True)
    cancellations = fields.Integer(required=True, metadata={"description": "in time; late ones apart"})
    late_cancellations = fields.Integer(required=True)
    no_shows = fields.Integer(required=True)
    first_booking_at = Moment(required=True, allow_none=True)
    last_booking_at = Moment(required=True, allow_none=True, metadata={"description": "may lie ahead"})
    last_visit_at = Moment(required=True, allow_none=True)
    services_used = fields.List(fields.Nested(ServiceUsed), required=True)
    last_contact_at = Moment(required=True, allow_none=True)
    last_contact_channel = fields.String(required=True, allow_none=True)
    last_activity_at = Moment(
        required=True, allow_none=True, metadata={"description": "what the contact did by themselves"}
    )
    withheld = fields.List(fields.String(), required=True)


get_facts = Rpc(
    "contacts", "get_facts", needs="contacts.read", takes=ContactId, gives=Facts, raises=(NotFound, Merged),
    writes=False, about="Bookings, spend, subscription and last contact in figures, a moment behind the events.",
)  # fmt: skip


class Cause(Schema):
    """What changed the facts: an event, or `facts.rebuilt` without one."""

    type = fields.String(required=True)
    event_id = Id(allow_none=True)
    time = Moment(required=True)


class FactsChanged(Schema):
    """`changes` is `{field: {"before": …, "after": …}}`; `cause` is the event that changed them."""

    changes = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), required=True)
    cause = fields.Nested(Cause, required=True)


facts_changed = Event(
    "contacts", "contact.facts_changed", data=FactsChanged, about="What events add up to for a contact is different."
)
