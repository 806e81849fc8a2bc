"""Holding a contact while it changes, telling two apart, and giving membership numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from contracts.errors import Conflict, Invalid, Merged, NotFound, Problem
from services.contacts.contact.model import Contact, NotTheSame
from services.contacts.contact.queries import living_id

_DIGITS = 9
"""Longer numbers than these are not counted on from."""

_DRAWN = text(
    "SELECT number FROM (SELECT nextval('membership_numbers') ::text AS number FROM generate_series(1, :count)) drawn "
    "WHERE NOT EXISTS (SELECT FROM contacts WHERE membership_number = number)"
)


def give_new_versions(work: Any, contact_ids: Iterable[str]) -> None:
    """Let the cards of these be seen as others than before, where something beside their row has changed."""
    table = Contact.__table__
    changed = update(table).where(table.c.id.in_(sorted(contact_ids)))
    work.session.execute(changed.values(version=table.c.version + 1))


def hold_contacts(work: Any, contact_ids: Iterable[str]) -> dict[str, Contact]:
    """Lock the rows until the transaction ends, so that changes of one contact queue up; unknown ids are left out."""
    # In one order for everyone: two that hold the same contacts would else lock each other in a knot.
    wanted = select(Contact).where(Contact.id.in_(list(contact_ids))).order_by(Contact.id).with_for_update()
    held = work.session.scalars(wanted.execution_options(populate_existing=True))
    return {contact.id: contact for contact in held}


def refer_to_contacts(work: Any, contact_ids: Iterable[str]) -> None:
    """Lock the rows as rows that refer to them will, but all at once and in the order of `hold_contacts`.

    For who writes such rows in several statements, of which each goes through other contacts from the first one on.
    """
    wanted = select(Contact.id).where(Contact.id.in_(list(contact_ids))).order_by(Contact.id)
    work.session.execute(wanted.with_for_update(read=True, key_share=True))


def why_not_changeable(contact: Contact | None, *, at: str | None = None) -> Problem | None:
    """What stands against changing it: nobody, merged, or archived; `at` is its place in the body, if it is there."""
    if contact is None:
        detail = "There is no contact of this id."
        return Invalid.field(at, detail) if at else NotFound(detail)
    if contact.merged_into:
        detail = "This contact lives on under another id."
        return Merged(detail, _pointing(at, detail), survivor=contact.merged_into)
    if contact.standing != "active":
        detail = "This contact is archived; restore it first."
        return Conflict(detail, _pointing(at, detail), standing=contact.standing)
    return None


def _pointing(at: str | None, detail: str) -> list[dict[str, str]]:
    return [{"pointer": at, "detail": detail}] if at else []


def hold_survivor(work: Any, contact_id: str) -> Contact:
    """Lock a contact, or whoever lives on in its place; archived ones too, since money may come for anybody."""
    contact = hold_contacts(work, [contact_id]).get(contact_id)
    while contact is not None and contact.merged_into:
        contact = hold_contacts(work, [contact.merged_into]).get(contact.merged_into)
    if contact is None:
        raise NotFound(f"There is no contact {contact_id}.")
    return contact


def hold_contact(work: Any, contact_id: str) -> Contact:
    """Lock one, or refuse: nobody, merged or archived."""
    contact = hold_contacts(work, [contact_id]).get(contact_id)
    problem = why_not_changeable(contact)
    if problem or contact is None:
        raise problem or AssertionError(contact_id)
    return contact


def hold_pair(work: Any, contact_id: str, other_id: str, *, pointer: str) -> tuple[Contact, Contact]:
    """Lock two, or refuse; the other, which stands in the body at `pointer`, is followed to where it lives on."""
    other_id = living_id(work, other_id)
    held = hold_contacts(work, [contact_id, other_id])
    contact, other = held.get(contact_id), held.get(other_id)
    problem = why_not_changeable(contact) or why_not_changeable(other, at=pointer)
    if problem or contact is None or other is None:
        raise problem or AssertionError(contact_id)
    return contact, other


def next_version(work: Any, contact: Contact) -> int:
    """Count the change, and note who made it and when."""
    contact.version += 1
    contact.changed_at, contact.changed_by = work.now, work.actor.id
    return contact.version


def new_membership_numbers(work: Any, count: int) -> list[str]:
    """Draw numbers that nobody has; given once, they never change and are never given to another."""
    drawn: list[str] = []
    while len(drawn) < count:  # an import may have brought some of them along
        drawn += work.session.scalars(_DRAWN, {"count": count - len(drawn)})
    return drawn


def keep_numbers_free_of(work: Any, given: Iterable[str]) -> None:
    """Let the numbers that the house gives begin behind those that an import brought along."""
    numbers = [int(number) for number in given if number.isdecimal() and number.isascii() and len(number) <= _DIGITS]
    if numbers:
        last = text("SELECT setval('membership_numbers', :last) FROM membership_numbers WHERE last_value < :last")
        work.session.execute(last, {"last": max(numbers)})


def tell_apart(work: Any, pairs: Iterable[tuple[str, str]]) -> None:
    """Remember that these two are not the same, whichever is named first; ids of nobody are refused."""
    rows = [
        {"one": min(pair), "other": max(pair), "said_by": work.actor.id, "said_at": work.now}
        for pair in pairs
        if pair[0] != pair[1]
    ]
    if rows:
        work.session.execute(insert_or(NotTheSame).on_conflict_do_nothing(), rows)
