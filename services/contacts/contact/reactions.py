"""Billing says who paid for what; here it becomes a lifecycle."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select

from contracts.billing.orders import package_paid
from contracts.contacts.people import contact_changed, contact_lifecycle_changed
from contracts.errors import NotFound
from services.contacts.contact.actions import give_membership_number, hold_contacts, next_version
from services.contacts.contact.model import Contact, CustomerGround
from services.contacts.contact.rules import (
    Ground,
    Lifecycle,
    customer_since,
    lifecycle_of,
    with_payment,
    with_reversal,
)


def weigh_package(work: Any, event: Any) -> None:
    """Note that a package was paid, or was reversed as if it never was, and judge the lifecycle anew.

    What billing said last counts, by its own order, in whatever order it arrives here.
    """
    contact = _whom(work, event.subject)
    wanted = select(CustomerGround).where(CustomerGround.contact_id == contact.id)
    kept = {row.assignment_id: row for row in work.session.scalars(wanted)}
    row = kept.get(event.data.assignment_id)
    if row is None:
        row = CustomerGround(assignment_id=event.data.assignment_id, contact_id=contact.id)
        work.session.add(row)
        ground = _noted(None, event)
    else:
        ground = _noted(_ground(row), event)
    for name, value in ground._asdict().items():
        setattr(row, name, value)
    kept[row.assignment_id] = row
    judge_lifecycle(work, contact, [_ground(row) for row in kept.values()])


def judge_lifecycle(work: Any, contact: Contact, grounds: list[Ground]) -> None:
    """Derive the lifecycle of a contact that is held from all its grounds, and tell when it is another."""
    before = Lifecycle(contact.lifecycle, contact.lifecycle_reason, contact.lifecycle_since)
    after = lifecycle_of(grounds, entered_as=contact.entered_as, created_at=contact.created_at)
    if after == before:
        return
    contact.lifecycle, contact.lifecycle_reason, contact.lifecycle_since = after
    contact.customer_since = customer_since(grounds, contact.customer_since_told)
    if after.state == "customer":
        give_membership_number(work, contact)
    version = next_version(work, contact)
    if after.state != before.state:
        work.record(
            contact_lifecycle_changed,
            contact.id,
            before=before.state,
            after=after.state,
            reason=after.reason,
            since=after.since,
            membership_number=contact.membership_number,
            version=version,
        )
    else:
        changes = {"lifecycle_reason": {"before": before.reason, "after": after.reason}}
        work.record(contact_changed, contact.id, changes=changes, display_name=contact.display_name, version=version)


def _noted(known: Ground | None, event: Any) -> Ground:
    told = event.data
    if event.type == package_paid.type:
        since = _moment_of(told.since, event.time)
        return with_payment(known, name=told.name, kind=told.kind, since=since, position=event.sequence)
    return with_reversal(known, name=told.name, reason=told.reason, position=event.sequence)


def _ground(row: CustomerGround) -> Ground:
    return Ground(*(getattr(row, name) for name in Ground._fields))


def _whom(work: Any, contact_id: str) -> Contact:
    contact = hold_contacts(work, [contact_id]).get(contact_id)
    while contact is not None and contact.merged_into:
        contact = hold_contacts(work, [contact.merged_into]).get(contact.merged_into)
    if contact is None:
        raise NotFound(f"A package was paid for {contact_id}, whom we do not know.")
    return contact


def _moment_of(day: dt.date, told: dt.datetime) -> dt.datetime:
    """The moment of telling where it was paid that day, else the beginning of the day."""
    return told if told.date() == day else dt.datetime.combine(day, dt.time(), dt.UTC)
