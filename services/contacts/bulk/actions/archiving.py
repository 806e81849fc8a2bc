"""Archiving whom nothing stands against, in whatever service, and nobody can come to have anything meanwhile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from chassis.rows import one_of
from contracts.billing.archiving import MOST, hold_for_archiving
from services.contacts.bookings.actions.leaving import leave_lines
from services.contacts.bookings.model import UPCOMING, Booking
from services.contacts.bulk.actions.deeds import CHANGED, Result, Results
from services.contacts.bulk.model import BulkAction
from services.contacts.card.actions.archiving import archive_contacts
from services.contacts.contact.model import Contact
from services.contacts.selecting.queries import next_selected

CONTACTS_A_STEP = MOST
BOOKED = "There is an upcoming booking."
CAME_LATE = "It changed while it was to be archived; do it again."


class Asked(NamedTuple):
    """Whom a step comes to, whom of them billing holds, and what it has against others."""

    contact_ids: list[str]
    held: frozenset[str]
    blocked: Mapping[str, list[str]]


def hold_next(work: Any, job: Any) -> Asked | None:
    """Have billing hold the next contacts, before they are held here; None: nobody is archived in this step.

    Whoever is booked is refused anyway and not held; their blockers are asked for all the same.
    """
    bulk = work.session.get_one(BulkAction, job.id)
    if bulk.action != "archive" or not job.progress:
        return None
    contact_ids = next_selected(work, bulk.selection, job.checkpoint.get("after"), CONTACTS_A_STEP)
    active = set(work.session.scalars(_of(Contact.id, contact_ids).where(Contact.standing == "active")))
    booked = active and _booked(work, active)
    if not active:
        return Asked(contact_ids, frozenset(), {})
    whom = {"contact_ids": sorted(active - booked), "asks_about": sorted(booked)}
    told = work.ask(hold_for_archiving, held_by=job.id, step=job.progress["done"], **whom)
    blocked = {one["contact_id"]: one["blockers"] for one in told["blocked"]}
    return Asked(contact_ids, frozenset(told["held"]), blocked)


def archive(work: Any, bulk: BulkAction, contacts: Sequence[Any], asked: Asked) -> Results:
    """Archive whom billing holds and no booking keeps, and name every blocker of the others.

    The contacts are held, and who books holds them too: no booking comes between the look and the deed.
    """
    booked = _booked(work, [contact.id for contact in contacts])
    against = {id: [*asked.blocked.get(id, ()), *([BOOKED] if id in booked else ())] for id in (c.id for c in contacts)}
    free = [contact for contact in contacts if contact.id in asked.held and not against[contact.id]]
    if free:
        archive_contacts(work, free, reason=bulk.parameters["reason"])
        leave_lines(work, [contact.id for contact in free])
    refused = {id: Result("refused", "; ".join(reasons) or CAME_LATE) for id, reasons in against.items()}
    return refused | dict.fromkeys((contact.id for contact in free), CHANGED)


def _booked(work: Any, contact_ids: Any) -> set[str]:
    upcoming = _of(Booking.contact_id, contact_ids).where(Booking.state == UPCOMING, Booking.starts_at > work.now)
    return set(work.session.scalars(upcoming))


def _of(key: Any, contact_ids: Any) -> Any:
    return select(key).where(one_of(key, contact_ids))
