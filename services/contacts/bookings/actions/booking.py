"""Booking, moving and giving up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts.bookings import LARGEST_PARTY
from contracts.errors import Conflict, Invalid, NotFound, named_at
from services.contacts.bookings.actions.desk import Desk
from services.contacts.bookings.model import ATTENDED, CANCELLED, LATE_CANCELLED, UPCOMING, WAITLISTED, Booking
from services.contacts.bookings.queries import members_of, positions_of, shown
from services.contacts.bookings.rules import ASKED, refuse_closed, state_when_given_up
from services.contacts.relations.queries import relatives_of
from services.contacts.sessions.model import HELD, PlannedSession


def book(work: Any, request: Any) -> dict[str, Any]:
    """Book a place, or a place in the line."""
    behalf, late = request.booked_by_contact_id, request.even_if_started
    asked = Asked(request.session_id, behalf, request.if_full, late, session_at="/session_id")
    [booking] = _enter(work, asked, {request.contact_id: "/contact_id"})
    return booking


def book_group(work: Any, request: Any) -> dict[str, Any]:
    """Book several at once: all get a place, or all wait and move up together, or none is booked."""
    pointers = _party_named(work, request)
    asked = Asked(request.session_id, request.booked_by_contact_id, request.if_full, request.even_if_started)
    party_id = new_id()
    return {"party_id": party_id, "bookings": _enter(work, asked, pointers, party_id=party_id)}


def rebook(work: Any, request: Any) -> dict[str, Any]:
    """Book the same contact once more, in the same session or another."""
    earlier = work.session.get(Booking, request.booking_id)
    if earlier is None:
        raise NotFound("There is no such booking.")
    wanted, behalf = request.session_id or earlier.session_id, earlier.booked_by_contact_id
    asked = Asked(wanted, behalf, request.if_full, session_at="/session_id", booker_at="/booking_id")
    [booking] = _enter(work, asked, {earlier.contact_id: "/booking_id"})
    return booking


def _party_named(work: Any, request: Any) -> dict[str, str]:
    """Who is to be booked together, each with the place in the request that says so."""
    if bool(request.contact_ids) == bool(request.group_id):
        raise Invalid.field("/contact_ids", "Name either contact_ids or a group_id.")
    if request.group_id:
        with named_at("/group_id"):
            members = members_of(work, request)
        if not 0 < len(members) <= LARGEST_PARTY:
            raise Invalid.field("/group_id", f"A group of 1 to {LARGEST_PARTY} active members can be booked.")
        return dict.fromkeys(members, "/group_id")
    pointers: dict[str, str] = {}
    for n, contact_id in enumerate(request.contact_ids):
        if contact_id in pointers:
            raise Invalid.field(f"/contact_ids/{n}", "Named twice.")
        pointers[contact_id] = f"/contact_ids/{n}"
    return pointers


class Asked(NamedTuple):
    """What is asked of a booking, for however many."""

    session_id: str
    booked_by_contact_id: str | None
    if_full: str
    even_if_started: bool = False
    session_at: str | None = None
    """Where in the body the session stands, if there."""
    booker_at: str = "/booked_by_contact_id"
    """Where the request says who books on behalf."""


def _enter(work: Any, asked: Asked, pointers: Mapping[str, str], party_id: str | None = None) -> list[dict[str, Any]]:
    """Book the contacts that `pointers` names, with where in the request each stands."""
    desk = Desk(work, [asked.session_id])
    with named_at(asked.session_at):
        session = desk.session(asked.session_id)
    refuse_closed(session, work.now, even_if_started=asked.even_if_started)
    behalf = asked.booked_by_contact_id
    desk.hold([*pointers, *([behalf] if behalf else [])])
    for contact_id, pointer in pointers.items():
        desk.refuse_unbookable(contact_id, pointer)
    if behalf:
        _refuse_stranger(work, desk, behalf, pointers, at=asked.booker_at)
    desk.refuse_booked(session, pointers)
    at = f"/{next(iter(pointers.values())).split('/')[1]}"
    state = _state_of_newcomers(work, desk, session, len(pointers), asked.if_full, at=at)
    entered = []
    for contact_id in pointers:
        booking = desk.add(session, contact_id, state, party_id=party_id, booked_by_contact_id=behalf)
        entered.append((booking, session.waiting if state == WAITLISTED else None))
    desk.close()
    return [shown(b, session, desk.contacts[b.contact_id].display_name, position) for b, position in entered]


def _refuse_stranger(work: Any, desk: Desk, behalf: str, contact_ids: Iterable[str], *, at: str) -> None:
    """Who books on behalf of others is related to each of them."""
    booker = desk.refuse_unbookable(behalf, at)
    family = {behalf, *relatives_of(work, behalf)}
    for contact_id in contact_ids:
        if contact_id not in family:
            raise Conflict.field(
                at, f"{booker.display_name} is not related to {desk.contacts[contact_id].display_name}."
            )


def _state_of_newcomers(work: Any, desk: Desk, session: PlannedSession, many: int, if_full: str, *, at: str) -> str:
    """A place, or one in the line: nobody overtakes those who wait. Who is entered after the end has been there."""
    if session.free >= many and not desk.someone_waits(session):
        return ATTENDED if session.state == HELD else UPCOMING
    if many > session.capacity:
        detail = f"This session has {session.capacity} places; so many will never be free together."
        raise Conflict.field(at, detail)
    if if_full == "refuse" or session.starts_at <= work.now:
        detail = f"This session has {session.free} places left and {session.waiting} waiting."
        raise Conflict(detail, free=session.free, waiting=session.waiting)
    return WAITLISTED


def reschedule_booking(work: Any, request: Any) -> dict[str, Any]:
    """Leave one session and enter another, or stay where one is."""
    desk, booking = desk_of(work, request.booking_id, request.session_id)
    with named_at("/session_id"):
        left, entered = desk.sessions[booking.session_id], desk.session(request.session_id)
    if left is entered:
        raise Conflict.field("/session_id", "It is for this session already.")
    if booking.state not in (UPCOMING, WAITLISTED):
        raise Conflict(f"This booking is {booking.state.replace('_', ' ')}; book anew.")
    if state_when_given_up(booking, left, work.now, waive_late=request.waive_late) == LATE_CANCELLED:
        detail = "It is too late to leave this session in time; cancel, or say waive_late."
        raise Conflict.field("/waive_late", detail)
    refuse_closed(entered, work.now)
    desk.refuse_unbookable(booking.contact_id, "/booking_id")
    desk.refuse_booked(entered, {booking.contact_id: "/session_id"})
    state = _state_of_newcomers(work, desk, entered, 1, request.if_full, at="/session_id")
    desk.move(booking, entered, state)
    position = entered.waiting if booking.state == WAITLISTED else None
    desk.promote(left)
    desk.close()
    return shown(booking, entered, desk.contacts[booking.contact_id].display_name, position)


def cancel_booking(work: Any, request: Any) -> dict[str, Any]:
    """Give a booking up; the first in the line moves up in the same step."""
    desk, booking = desk_of(work, request.booking_id)
    session = desk.sessions[booking.session_id]
    if booking.state not in (CANCELLED, LATE_CANCELLED):
        state = state_when_given_up(booking, session, work.now, waive_late=request.waive_late)
        desk.become(booking, state, cause=ASKED, reason=request.reason)
        desk.promote(session)
        desk.close()
    return shown(booking, session, desk.contacts[booking.contact_id].display_name)


def desk_of(work: Any, booking_id: str, *other_sessions: str, frees: int = 1) -> tuple[Desk, Booking]:
    """The desk for one booking that may free its place: its session, its contact and the first in the line held."""
    where = sa.select(Booking.session_id).where(Booking.id == booking_id)
    session_id = work.session.scalar(where)
    if session_id is None:
        raise NotFound("There is no such booking.")
    desk = Desk(work, {session_id, *other_sessions})
    booking = work.session.get_one(Booking, booking_id, populate_existing=True)
    if booking.session_id != session_id:
        raise Conflict("This booking is being moved to another session at this moment; try again.")
    work.expect(booking.version)
    desk.hold([booking.contact_id], freeing={session_id: frees} if frees else {})
    return desk, booking


def answered(work: Any, desk: Desk, booking: Booking) -> dict[str, Any]:
    """A booking after a change, with its place in the line if it waits."""
    positions = positions_of(work, booking.session_id) if booking.state == WAITLISTED else {}
    name = desk.contacts[booking.contact_id].display_name
    return shown(booking, desk.sessions[booking.session_id], name, positions.get(booking.id))
