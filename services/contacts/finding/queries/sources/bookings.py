"""Bookings, counted within so many days, weeks or months; what lies ahead does not count."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal, select

from services.contacts.bookings.model import ACTIVE, ATTENDED, CANCELLED, LATE_CANCELLED, MISSED, UPCOMING, Booking
from services.contacts.finding.queries.fields import Field, contacts

_bookings: Any = Booking.__table__
_of = _bookings.c


def _tally(name: str, label: str, *states: str) -> Field:
    counts = select(_of.contact_id).where(_of.state.in_(states))
    return Field(name=name, label=label, type="tally", section="Activity", column=_of.starts_at, counts=counts)


FIELDS = (
    _tally("visits_within", "Visits within", ATTENDED),
    _tally("bookings_within", "Bookings within", *ACTIVE),
    _tally("cancellations_within", "Cancellations within", CANCELLED, LATE_CANCELLED),
    _tally("no_shows_within", "No-shows within", MISSED),
    Field(
        name="next_booking_at", label="Upcoming booking", type="moment", section="Activity", column=_of.starts_at,
        through=select(literal(1))
        .select_from(_bookings)
        .where(_of.contact_id == contacts.c.id, _of.state == UPCOMING),
    ),
)  # fmt: skip
