"""The desk: sessions and contacts held together while places change hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import bookings as published
from contracts.errors import Conflict, NotFound
from services.contacts.bookings.model import CANCELLED, LATE_CANCELLED, PLACED, UPCOMING, WAITLISTED, Booking
from services.contacts.bookings.queries import NO_FIGURES, figures_of
from services.contacts.bookings.rules import event_of, told_of
from services.contacts.contact.actions import hold_contacts, why_not_changeable
from services.contacts.contact.model import Contact
from services.contacts.credits.actions import Purse
from services.contacts.credits.model import Wanted
from services.contacts.sessions.actions import hold_sessions
from services.contacts.sessions.model import COURSE_SESSION, SCHEDULED, PlannedSession
from services.contacts.sessions.queries import day_of

_OPEN_LINE = (Booking.state == WAITLISTED) & ~Booking.told_from_outside


class Desk:
    """Sessions held first, then contacts, each in one order for everybody, so that no two wait crosswise.

    The sessions' rows put those who want a place in line; the contacts' keep their credits and figures exact. Whatever
    happens is told by `close`, with each contact's figures after all of it.
    """

    def __init__(self, work: Any, session_ids: Iterable[str] | sa.Select[Any]) -> None:
        self._work = work
        self.sessions: dict[str, PlannedSession] = hold_sessions(work, session_ids)
        self.contacts: dict[str, Contact] = {}
        self._lines: dict[str, list[Booking]] = defaultdict(list)
        self._told: list[tuple[Any, Booking, dict[str, Any]]] = []

    def session(self, session_id: str) -> PlannedSession:
        """One of the sessions held; NotFound when there is none of this id."""
        if session_id not in self.sessions:
            raise NotFound("There is no such session.")
        return self.sessions[session_id]

    def hold(self, contact_ids: Iterable[str], *, freeing: Mapping[str, int] | None = None) -> None:
        """Hold the contacts, and those who move up when so many places of the sessions become free."""
        for booking in self._heads(freeing or {}):
            self._lines[booking.session_id].append(booking)
        waiting = [booking.contact_id for line in self._lines.values() for booking in line]
        self.contacts = hold_contacts(self._work, {*contact_ids, *waiting})

    def refuse_unbookable(self, contact_id: str, pointer: str) -> Contact:
        """The contact, unless it is nobody, merged or archived."""
        contact = self.contacts.get(contact_id)
        problem = why_not_changeable(contact, at=pointer)
        if problem is not None:
            raise problem
        assert contact is not None
        return contact

    def add(
        self, session: PlannedSession, contact_id: str, state: str, *, cause: str | None = None,
        reason: str | None = None, **values: Any,
    ) -> Booking:  # fmt: skip
        """A new booking, last in the line of arrival."""
        now, actor = self._work.now, self._work.actor
        session.arrivals += 1
        booking = Booking(
            id=new_id(), session_id=session.id, contact_id=contact_id, starts_at=session.starts_at,
            arrival=session.arrivals, booked_by=actor.name or actor.id, made_at=now, changed_at=now, version=0,
            **values,
        )  # fmt: skip
        self.become(booking, state, cause=cause, reason=reason)
        self._work.session.add(booking)
        return booking

    def become(self, booking: Booking, state: str, *, cause: str | None = None, reason: str | None = None) -> None:
        """Take the booking to another state: places, credits and what is told follow."""
        session, before = self.sessions[booking.session_id], booking.state
        self._count(session, before, state)
        if state in PLACED and before not in PLACED and booking.credit_pack_id is None:
            wanted = self._wanted(session)
            booking.credit_pack_id = self._purse.use(booking.contact_id, booking_id=booking.id, wanted=wanted)
        elif state in (CANCELLED, WAITLISTED):
            self._give_credit_back(booking)
        self._note_place(booking, before, state)
        booking.state, booking.cancel_cause, booking.cancel_reason = state, cause, reason
        self._changed(booking)
        cancelled = {"late": state == LATE_CANCELLED, "cause": cause, "reason": reason, "was": before or UPCOMING}
        event = event_of(before, state)
        self._told.append((event, booking, cancelled if event is published.booking_cancelled else {}))

    def move(self, booking: Booking, session: PlannedSession, state: str) -> None:
        """Leave one session and enter another, last in its line of arrival."""
        left, wanted = self.sessions[booking.session_id], self._wanted(session)
        pack_id = booking.credit_pack_id
        if pack_id and (
            state not in PLACED or not self._purse.covers(booking.contact_id, pack_id=pack_id, wanted=wanted)
        ):
            self._give_credit_back(booking)
        if state in PLACED and booking.credit_pack_id is None:
            booking.credit_pack_id = self._purse.use(booking.contact_id, booking_id=booking.id, wanted=wanted)
        self._count(left, booking.state, None)
        self._count(session, None, state)
        session.arrivals += 1
        self._note_place(booking, booking.state, state)
        booking.session_id, booking.arrival, booking.state = session.id, session.arrivals, state
        booking.starts_at = session.starts_at
        self.rescheduled(booking, {"session_id": left.id, "title": left.title, "starts_at": left.starts_at})

    def rescheduled(self, booking: Booking, before: dict[str, Any]) -> None:
        """Tell that the booking is for another time or session than `before`."""
        self._changed(booking)
        self._told.append((published.booking_rescheduled, booking, {"before": before}))

    def promote(self, session: PlannedSession) -> None:
        """Let the first in the line move up while there are places; not after the start, when nobody could come.

        Who was booked together moves up together, and nobody overtakes them meanwhile.
        """
        if session.state != SCHEDULED or session.starts_at <= self._work.now:
            return
        line = [booking for booking in self._lines.get(session.id, ()) if self._may_move_up(booking)]
        for _, together in groupby(line, key=lambda booking: booking.party_id or booking.id):
            party = list(together)
            if len(party) > session.free:
                return
            for booking in party:
                self.become(booking, UPCOMING)

    def someone_waits(self, session: PlannedSession) -> bool:
        """Whether a free place is somebody's already: the line is waiting for one more, so as to move up together."""
        return bool(session.waiting and session.free) and next(iter(self._heads({session.id: 1})), None) is not None

    def _may_move_up(self, booking: Booking) -> bool:
        return booking.state == WAITLISTED and why_not_changeable(self.contacts.get(booking.contact_id)) is None

    def refuse_booked(self, session: PlannedSession, pointers: Mapping[str, str]) -> None:
        """Nobody books a session twice; of the contacts that `pointers` names, with where the request says it."""
        there = sa.select(Booking.id, Booking.contact_id).where(
            Booking.session_id == session.id,
            Booking.contact_id.in_(list(pointers)),
            Booking.state.in_((*PLACED, WAITLISTED)),
        )
        found = self._work.session.execute(there.order_by(Booking.arrival)).all()
        if not found:
            return
        names = [self.contacts[one.contact_id].display_name for one in found]
        errors = [
            {"pointer": pointers[one.contact_id], "detail": f"{name} has booked this session already."}
            for one, name in zip(found, names, strict=True)
        ]
        raise Conflict(errors[0]["detail"], errors, booking_id=found[0].id, contact_id=found[0].contact_id)

    def close(self) -> None:
        """Write everything down and announce it."""
        if not self._told:
            return
        self._work.session.flush()
        figures = figures_of(self._work, {booking.contact_id for _, booking, _ in self._told})
        by_event: dict[Any, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        for event, booking, more in self._told:
            told = told_of(booking, self.sessions[booking.session_id])
            figured = figures.get(booking.contact_id, NO_FIGURES)
            by_event[event].append((booking.contact_id, told | figured | more))
        for event, several in by_event.items():
            self._work.record_many(event, several)
        if "_purse" in vars(self):
            self._purse.tell()
        self._told = []

    def _heads(self, freeing: Mapping[str, int]) -> Iterable[Booking]:
        """Those in front of each line, one more than places may become free; who is archived is passed over."""
        places = {id: n + self.sessions[id].free for id, n in freeing.items() if self.sessions[id].waiting}
        if not places:
            return []
        turn = sa.func.row_number().over(partition_by=Booking.session_id, order_by=Booking.arrival).label("turn")
        turns = sa.select(Booking.id, turn).join(Contact, Contact.id == Booking.contact_id)
        line = turns.where(Booking.session_id.in_(places), _OPEN_LINE, Contact.standing == "active").subquery()
        heads = sa.select(Booking).join(line, line.c.id == Booking.id).where(line.c.turn <= max(places.values()) + 1)
        ordered = heads.order_by(Booking.session_id, Booking.arrival)
        return self._work.session.scalars(ordered.execution_options(populate_existing=True))

    @cached_property
    def _purse(self) -> Purse:
        """The packs of everybody held, looked for when the first credit moves: who only waits needs none."""
        return Purse(self._work, self.contacts)

    def _wanted(self, session: PlannedSession) -> Wanted:
        return Wanted(day_of(self._work, session), session.kind == COURSE_SESSION, session.course_id)

    def _give_credit_back(self, booking: Booking) -> None:
        if booking.credit_pack_id is not None:
            pack_id, booking.credit_pack_id = booking.credit_pack_id, None
            self._purse.give_back(booking.contact_id, pack_id=pack_id, booking_id=booking.id)

    def _note_place(self, booking: Booking, before: str | None, after: str) -> None:
        """Who has waited has a place from now on, not since they began to wait."""
        if after in PLACED and before is not None and before not in PLACED:
            booking.placed_at = self._work.now

    def _changed(self, booking: Booking) -> None:
        booking.version += 1
        booking.changed_at = self._work.now

    @staticmethod
    def _count(session: PlannedSession, before: str | None, after: str | None) -> None:
        session.booked += (after in PLACED) - (before in PLACED)
        session.waiting += (after == WAITLISTED) - (before == WAITLISTED)
