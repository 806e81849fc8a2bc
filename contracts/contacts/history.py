"""The service history: what a contact has used, and what it came to."""

from __future__ import annotations

from marshmallow import fields

from contracts.contacts.bookings import Booking
from contracts.contacts.facts import Spend
from contracts.errors import Invalid, Merged, NotFound
from contracts.language import Boolean, Id, Moment, PageRequest, Rpc, Schema, Sort, page_of

LATEST = 10
MOST_SERVICES = 50


class GetServiceHistory(Schema):
    contact_id = Id(required=True)


class BookingCounts(Schema):
    """How many bookings are in each state."""

    upcoming = fields.Integer(required=True)
    waitlisted = fields.Integer(required=True)
    attended = fields.Integer(required=True)
    missed = fields.Integer(required=True)
    cancelled = fields.Integer(required=True)
    late_cancelled = fields.Integer(required=True)


class UsedService(Schema):
    """A service by its kind and title, how often it was attended, and when last."""

    kind = fields.String(required=True)
    title = fields.String(required=True)
    times = fields.Integer(required=True)
    last_at = Moment(required=True)


class SubscriptionStatus(Schema):
    """What the contact subscribes to; `state` null: never did."""

    state = fields.String(required=True, allow_none=True)
    membership = fields.String(required=True, allow_none=True)
    pricing_option = fields.String(required=True, allow_none=True)
    expires_on = fields.Date(required=True, allow_none=True)


class ServiceHistory(Schema):
    """Ten of each kind of booking; the rest pages through the contact's bookings by state. `spend` and `subscription`
    are those of the facts, which hear of a payment a moment after it. `spend` and `purchases` are null for who may not
    see billing, and `billing` is `withheld` then."""

    contact_id = Id(required=True)
    counts = fields.Nested(BookingCounts, required=True)
    upcoming = fields.List(fields.Nested(Booking), required=True, metadata={"description": "the next first"})
    past = fields.List(fields.Nested(Booking), required=True, metadata={"description": "attended or missed"})
    cancelled = fields.List(fields.Nested(Booking), required=True, metadata={"description": "in time or late"})
    services = fields.List(fields.Nested(UsedService), required=True, metadata={"description": "the most used first"})
    spend = fields.Nested(Spend, required=True, allow_none=True)
    purchases = fields.Integer(required=True, allow_none=True)
    subscription = fields.Nested(SubscriptionStatus, required=True)
    withheld = fields.List(fields.String(), required=True)


class ListCourses(PageRequest):
    """The courses that a contact bought; `open`: whether a session is left of them that can be used today."""

    contact_id = Id(required=True)
    open = Boolean()
    sort = Sort("newest", "oldest")


class Course(Schema):
    """A course that was paid for, and how far the contact is with its sessions.

    `sessions` is what was bought, 0 where no number was said; `left` are those that are not booked yet. A session that
    was missed, or cancelled late, is spent.
    """

    id = Id(required=True, metadata={"description": "billing's assignment"})
    package_id = Id(required=True, allow_none=True)
    name = fields.String(required=True)
    sessions = fields.Integer(required=True)
    attended = fields.Integer(required=True)
    upcoming = fields.Integer(required=True)
    missed = fields.Integer(required=True)
    left = fields.Integer(required=True)
    expires_on = fields.Date(required=True, allow_none=True)
    reversed = Boolean(required=True)
    granted_at = Moment(required=True)


get_service_history = Rpc(
    "contacts", "get_service_history", needs="bookings.read", takes=GetServiceHistory, gives=ServiceHistory,
    raises=(NotFound, Merged), writes=False, about="What a contact booked, used and spent.",
)  # fmt: skip
list_courses = Rpc(
    "contacts", "list_courses", needs="bookings.read", takes=ListCourses, gives=page_of(Course),
    raises=(NotFound, Merged, Invalid), writes=False, about="The progress of a contact's courses.",
)  # fmt: skip
