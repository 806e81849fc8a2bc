"""Bookings as they are shown, and what they come to for a contact."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.contacts.bookings import LARGEST_PARTY
from contracts.errors import NotFound
from services.contacts.bookings.model import (
    ATTENDED,
    CANCELLED,
    LATE_CANCELLED,
    MISSED,
    PLACED,
    UPCOMING,
    WAITLISTED,
    Booking,
)
from services.contacts.bookings.rules import ASKED
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact
from services.contacts.groups.model import GroupMember
from services.contacts.groups.queries import get_group
from services.contacts.sessions.model import PlannedSession

NO_FIGURES: dict[str, Any] = {
    **dict.fromkeys(("first_booking_at", "booked_since", "last_booking_at", "next_booking_at", "last_visit_at")),
    **dict.fromkeys(("bookings", "upcoming", "visits", "no_shows", "cancellations", "late_cancellations"), 0),
}


def figures_of(work: Any, contact_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """What the bookings of each contact come to, as its events tell; who has none is left out."""
    start, state = Booking.starts_at, Booking.state
    placed = state.in_(PLACED)
    since = sa.func.least(start, sa.func.coalesce(Booking.placed_at, Booking.made_at))
    figures = (
        sa.select(
            Booking.contact_id,
            sa.func.min(start).filter(placed).label("first_booking_at"),
            sa.func.min(since).filter(placed).label("booked_since"),
            sa.func.max(start).filter(placed).label("last_booking_at"),
            sa.func.min(start).filter(state == UPCOMING, start > work.now).label("next_booking_at"),
            sa.func.max(start).filter(state == ATTENDED).label("last_visit_at"),
            sa.func.count().filter(placed).label("bookings"),
            sa.func.count().filter(state == UPCOMING).label("upcoming"),
            sa.func.count().filter(state == ATTENDED).label("visits"),
            sa.func.count().filter(state == MISSED).label("no_shows"),
            sa.func.count().filter(state == CANCELLED, Booking.cancel_cause == ASKED).label("cancellations"),
            sa.func.count().filter(state == LATE_CANCELLED).label("late_cancellations"),
        )
        .where(Booking.contact_id.in_(sorted(contact_ids)))
        .group_by(Booking.contact_id)
    )
    rows = work.session.execute(figures).mappings()
    return {row["contact_id"]: {name: row[name] for name in NO_FIGURES} for row in rows}


def get_booking(work: Any, request: Any) -> dict[str, Any]:
    """Answer one booking, with its place in the line if it waits."""
    rows = work.session.execute(_shown().where(Booking.id == request.booking_id)).all()
    if not rows:
        raise NotFound("There is no such booking.")
    return _as_told(rows[0], positions_of(work, rows[0][0].session_id))


def list_bookings(work: Any, request: Any) -> dict[str, Any]:
    """A page of bookings by the start of their session: of a contact, or of all."""
    listed = _shown()
    if request.contact_id is not None:
        listed = listed.where(Booking.contact_id == known_contact(work, request.contact_id))
    if request.state is not None:
        listed = listed.where(Booking.state.in_(request.state.split(",")))
    if request.since is not None:
        listed = listed.where(Booking.starts_at >= request.since)
    if request.until is not None:
        listed = listed.where(Booking.starts_at < request.until)
    keys = keys_for(request.sort, starts_at=[Booking.starts_at, Booking.id])
    page = page_of(work, listed, keys, request)
    return page | {"items": [_as_told(row, {}) for row in page["items"]]}


def list_roster(work: Any, request: Any) -> dict[str, Any]:
    """A page of who booked a session, in the order of arrival, with everybody's place in the line."""
    if work.session.get(PlannedSession, request.session_id) is None:
        raise NotFound("There is no such session.")
    listed = narrowed(_shown(), request, Booking.session_id, Booking.state)
    keys = keys_for(request.sort, arrival=[Booking.arrival, Booking.id])
    page = page_of(work, listed, keys, request)
    positions = positions_of(work, request.session_id)
    return page | {"items": [_as_told(row, positions) for row in page["items"]]}


def latest_bookings(
    work: Any, contact_id: str, states: Collection[str], *, limit: int, forwards: bool = False
) -> list[dict[str, Any]]:
    """The first or, looking back, the last bookings of a contact in these states."""
    order = [Booking.starts_at, Booking.id] if forwards else [Booking.starts_at.desc(), Booking.id.desc()]
    wanted = _shown().where(Booking.contact_id == contact_id, Booking.state.in_(states))
    return [_as_told(row, {}) for row in work.session.execute(wanted.order_by(*order).limit(limit))]


def positions_of(work: Any, session_id: str) -> dict[str, int]:
    """Booking id → place in the session's line, from 1."""
    line = sa.select(Booking.id).where(Booking.session_id == session_id, Booking.state == WAITLISTED)
    return {id: place for place, id in enumerate(work.session.scalars(line.order_by(Booking.arrival)), 1)}


def members_of(work: Any, request: Any) -> list[str]:
    """The active members of a group, as many as can be booked together and one more."""
    group = get_group(work, request)
    members = sa.select(GroupMember.contact_id).join(Contact, Contact.id == GroupMember.contact_id)
    active = members.where(GroupMember.group_id == group.id, Contact.standing == "active")
    return list(work.session.scalars(active.order_by(GroupMember.contact_id).limit(LARGEST_PARTY + 1)))


def shown(booking: Booking, session: PlannedSession, contact_name: str, position: int | None = None) -> dict[str, Any]:
    """A booking as the contract tells it."""
    columns = {column.name: getattr(booking, column.name) for column in Booking.__table__.columns}
    of_session = {name: getattr(session, name) for name in ("kind", "title", "starts_at", "ends_at", "location")}
    beside = {"host_id": session.host_id, "contact_name": contact_name, "waitlist_position": position}
    return columns | of_session | beside


def _shown() -> sa.Select[Any]:
    together: Any = sa.select(Booking, PlannedSession, Contact.display_name)
    together = together.join(PlannedSession, PlannedSession.id == Booking.session_id)
    return together.join(Contact, Contact.id == Booking.contact_id)


def _as_told(row: Any, positions: dict[str, int]) -> dict[str, Any]:
    booking, session, name = row[0], row[1], row[2]
    return shown(booking, session, name, positions.get(booking.id))
