"""Letting those who are archived leave the lines in which they wait."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from services.contacts.bookings.actions.desk import Desk
from services.contacts.bookings.model import CANCELLED, WAITLISTED, Booking
from services.contacts.bookings.rules import ARCHIVED
from services.contacts.contact.model import Contact

LEAVE = "leave_lines"
BOOKINGS_AT_ONCE = 200
_WAITING = (Booking.state == WAITLISTED) & ~Booking.told_from_outside


def leave_lines(work: Any, contact_ids: Collection[str]) -> None:
    """Start a job for those who wait somewhere; who calls holds them, so that nobody begins to wait meanwhile.

    It cannot be done here: whoever books holds the session before the contacts. Nobody archived moves up before.
    """
    waits = sa.select(Booking.contact_id).distinct().where(Booking.contact_id.in_(contact_ids), _WAITING)
    waiting = list(work.session.scalars(waits.order_by(Booking.contact_id)))
    if waiting:
        work.start_job(LEAVE, {"contact_ids": waiting})


def leave_next_lines(work: Any, job: Any) -> None:
    """One step of the job: give up some more bookings of those who are still archived."""
    waiting = _waiting(work, job.input["contact_ids"])
    if not waiting:
        job.finish(**job.progress)
        return
    desk = Desk(work, {booking.session_id for booking in waiting})
    desk.hold([booking.contact_id for booking in waiting], freeing=dict.fromkeys(desk.sessions, 0))
    for booking in _waiting(work, list(desk.contacts)):  # as they are now that nothing about them can change
        if booking.session_id in desk.sessions:
            desk.become(booking, CANCELLED, cause=ARCHIVED)
    for session in desk.sessions.values():
        desk.promote(session)  # who wanted a place together with them may be content with fewer now
    desk.close()
    job.progress = {"bookings": job.progress.get("bookings", 0) + len(waiting)}


def _waiting(work: Any, contact_ids: Collection[str]) -> list[Booking]:
    found = sa.select(Booking).join(Contact, Contact.id == Booking.contact_id)
    found = found.where(Booking.contact_id.in_(contact_ids), _WAITING, Contact.standing == "archived")
    first = found.order_by(Booking.session_id, Booking.arrival).limit(BOOKINGS_AT_ONCE)
    return list(work.session.scalars(first.execution_options(populate_existing=True)))
