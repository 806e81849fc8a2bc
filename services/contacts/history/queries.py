"""The service history of a contact."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from contracts.contacts.bookings import BOOKING_STATES
from contracts.contacts.history import LATEST, MOST_SERVICES
from services.contacts.bookings.model import (
    ATTENDED,
    CANCELLED,
    LATE_CANCELLED,
    MISSED,
    UPCOMING,
    Booking,
)
from services.contacts.bookings.queries import latest_bookings
from services.contacts.contact.queries import known_contact
from services.contacts.credits.model import COURSE, CreditPack
from services.contacts.credits.queries import packs_page
from services.contacts.facts.queries import get_facts
from services.contacts.sessions.model import PlannedSession


def get_service_history(work: Any, request: Any) -> dict[str, Any]:
    """What a contact booked, used and spent."""
    contact_id = known_contact(work, request.contact_id)
    facts = get_facts(work, request)
    return {
        "contact_id": contact_id,
        "counts": _counts(work, contact_id),
        "upcoming": latest_bookings(work, contact_id, (UPCOMING,), limit=LATEST, forwards=True),
        "past": latest_bookings(work, contact_id, (ATTENDED, MISSED), limit=LATEST),
        "cancelled": latest_bookings(work, contact_id, (CANCELLED, LATE_CANCELLED), limit=LATEST),
        "services": _services(work, contact_id),
        "spend": facts["spend"],
        "purchases": facts["purchases"],
        "subscription": _subscription(facts),
        "withheld": facts["withheld"],
    }


def list_courses(work: Any, request: Any) -> dict[str, Any]:
    """A page of a contact's courses with the progress of each."""
    contact_id = known_contact(work, request.contact_id)
    page = packs_page(work, contact_id, COURSE, request)
    progress = _progress(work, [course.id for course in page["items"]])
    return page | {"items": [_course(course, progress.get(course.id, {})) for course in page["items"]]}


def _progress(work: Any, course_ids: list[str]) -> dict[str, dict[str, int]]:
    """How many bookings in each state hold a session of each course."""
    counted = (
        sa.select(Booking.credit_pack_id, Booking.state, sa.func.count())
        .where(Booking.credit_pack_id.in_(course_ids))
        .group_by(Booking.credit_pack_id, Booking.state)
    )
    found: dict[str, dict[str, int]] = {}
    for course_id, state, bookings in work.session.execute(counted):
        found.setdefault(course_id, {})[state] = bookings
    return found


def _course(course: CreditPack, bookings: dict[str, int]) -> dict[str, Any]:
    columns = ("id", "package_id", "name", "left", "expires_on", "reversed", "granted_at")
    return {name: getattr(course, name) for name in columns} | {
        "sessions": course.credits,
        "attended": bookings.get(ATTENDED, 0),
        "upcoming": bookings.get(UPCOMING, 0),
        "missed": bookings.get(MISSED, 0) + bookings.get(LATE_CANCELLED, 0),
    }


def _counts(work: Any, contact_id: str) -> dict[str, int]:
    by_state = sa.select(Booking.state, sa.func.count()).where(Booking.contact_id == contact_id).group_by(Booking.state)
    return dict.fromkeys(BOOKING_STATES, 0) | dict(work.session.execute(by_state).tuples().all())


def _services(work: Any, contact_id: str) -> list[dict[str, Any]]:
    times, last_at = sa.func.count().label("times"), sa.func.max(PlannedSession.starts_at).label("last_at")
    used = (
        sa.select(PlannedSession.kind, PlannedSession.title, times, last_at)
        .join(Booking, Booking.session_id == PlannedSession.id)
        .where(Booking.contact_id == contact_id, Booking.state == ATTENDED)
        .group_by(PlannedSession.kind, PlannedSession.title)
        .order_by(times.desc(), last_at.desc())
        .limit(MOST_SERVICES)
    )
    return [dict(row) for row in work.session.execute(used).mappings()]


def _subscription(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": facts["subscription_state"],
        "membership": facts["membership"],
        "pricing_option": facts["pricing_option"],
        "expires_on": facts["membership_expires_on"],
    }
