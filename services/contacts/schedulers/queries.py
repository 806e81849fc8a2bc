"""Whom and what an outside scheduler means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from contracts.errors import Conflict, Invalid, Problem
from services.contacts.bookings.model import ACTIVE, Booking
from services.contacts.contact.model import Contact
from services.contacts.external_ids.model import ExternalId
from services.contacts.external_ids.rules import system_key
from services.contacts.people.queries import bearers_of_emails
from services.contacts.people.rules import read_email
from services.contacts.sessions.model import PlannedSession

Pair = tuple[str, str]


def contacts_meant(work: Any, system: str, lines: Sequence[Any]) -> list[str | Problem]:
    """For each line the contact that it is about, or why there is none; who was merged lives on in the survivor."""
    by_address = {line.email: _normalised(line.email) for line in lines if line.email}
    bearers = bearers_of_emails(work, [address for address in by_address.values() if isinstance(address, str)])
    by_id = _by_external_id(work, system, [line.contact_external_id for line in lines if line.contact_external_id])
    named = {line.contact_id for line in lines if line.contact_id}
    rows = work.session.execute(sa.select(Contact.id, Contact.merged_into).where(Contact.id.in_(named)))
    known = {row.id: row.merged_into or row.id for row in rows}

    def meant(line: Any) -> str | Problem:
        ways = [way for way in (line.contact_id, line.contact_external_id, line.email) if way]
        if len(ways) != 1:
            return Invalid.field("/contact_id", "Name the contact by contact_id, contact_external_id or email.")
        if line.contact_id:
            return known.get(line.contact_id) or _nobody("/contact_id")
        if line.contact_external_id:
            return by_id.get(line.contact_external_id) or _nobody("/contact_external_id")
        address = by_address[line.email]
        if isinstance(address, Problem):
            return address
        found = bearers.get(address, [])
        if len(found) > 1:
            return Conflict("Several contacts have this e-mail address.", _at("/email"))
        return found[0].contact_id if found else _nobody("/email")

    return [meant(line) for line in lines]


def sessions_elsewhere(work: Any, system: str, external_ids: Sequence[str]) -> dict[str, str]:
    """The ids here of sessions that the system calls so."""
    named = sa.select(PlannedSession.external_id, PlannedSession.id)
    named = named.where(PlannedSession.kept_by == system, PlannedSession.external_id.in_(external_ids))
    return dict(work.session.execute(named).tuples().all())


def bookings_elsewhere(work: Any, system: str, external_ids: Sequence[str]) -> dict[str, Booking]:
    """The bookings that the system calls so."""
    named = sa.select(Booking).where(Booking.kept_by == system, Booking.external_id.in_(external_ids))
    found = work.session.scalars(named.execution_options(populate_existing=True))
    return {booking.external_id: booking for booking in found}


def active_bookings(work: Any, session_ids: Sequence[str], contact_ids: Sequence[str]) -> dict[Pair, Booking]:
    """The one active booking of each session and contact, where there is one."""
    there = sa.select(Booking).where(
        Booking.session_id.in_(session_ids), Booking.contact_id.in_(contact_ids), Booking.state.in_(ACTIVE)
    )
    return {(booking.session_id, booking.contact_id): booking for booking in work.session.scalars(there)}


def _by_external_id(work: Any, system: str, values: Sequence[str]) -> dict[str, str]:
    if not values:
        return {}
    named = sa.select(ExternalId.value, ExternalId.contact_id)
    named = named.where(ExternalId.system == system_key(system), ExternalId.value.in_(values))
    return dict(work.session.execute(named).tuples().all())


def _normalised(address: str) -> str | Problem:
    try:
        return read_email(address)
    except ValueError as problem:
        return Invalid.field("/email", str(problem))


def _nobody(pointer: str) -> Problem:
    return Invalid.field(pointer, "There is no such contact.")


def _at(pointer: str) -> list[dict[str, Any]]:
    return [{"pointer": pointer, "detail": "There is none, or not one alone."}]
