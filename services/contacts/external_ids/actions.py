"""Noting and forgetting the ids of other systems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, tuple_
from sqlalchemy.dialects.postgresql import insert

from contracts.contacts import external_ids as published
from contracts.errors import Conflict
from services.contacts.contact.actions import hold_contact, next_version
from services.contacts.external_ids.model import ExternalId
from services.contacts.external_ids.queries import kept_id
from services.contacts.external_ids.rules import system_key


def add_external_id(work: Any, request: Any) -> ExternalId:
    """Note an id; noting it twice is harmless, another contact's is refused."""
    contact = hold_contact(work, request.contact_id)
    system = system_key(request.system)
    if add_external_ids(work, [(contact.id, system, request.value)]):
        next_version(work, contact)
    kept = work.session.get_one(ExternalId, (system, request.value))
    if kept.contact_id != contact.id:
        raise Conflict.field("/value", "In that system, the id is another contact's.", existing_id=kept.contact_id)
    return kept


def remove_external_id(work: Any, request: Any) -> dict[str, Any]:
    """Forget an id; the contact's version says whether it is still as it was seen."""
    contact = hold_contact(work, request.contact_id)
    work.expect(contact.version)
    system = system_key(request.system)
    kept = kept_id(work, contact.id, system, request.value)
    remove_external_ids(work, [(contact.id, system, request.value)])
    next_version(work, contact)
    return {"contact_id": contact.id, "system": system, "value": request.value, "given_at": kept.given_at}


def add_external_ids(work: Any, ids: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Note many, each (contact id, system, value); tell which are new. What is somebody's already stays theirs.

    A card shows them: who calls this gives the cards that were seen before a new version.
    """
    # In one order for everyone: two imports of the same people would else lock each other in a knot.
    rows = [
        {"system": system, "value": value, "contact_id": contact_id, "given_at": work.now}
        for contact_id, system, value in sorted(set(ids), key=lambda one: (one[1:], one[0]))
    ]
    if not rows:
        return []
    table = ExternalId.__table__
    adding = insert(table).on_conflict_do_nothing().returning(table.c.contact_id, table.c.system, table.c.value)
    added = [tuple(row) for row in work.session.execute(adding, rows)]
    told = [(contact_id, {"system": system, "value": value}) for contact_id, system, value in added]
    work.record_many(published.external_id_added, told)
    return added


def remove_external_ids(work: Any, ids: Iterable[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Forget many, each (contact id, system, value); tell which were there."""
    wanted = list(ids)
    if not wanted:
        return []
    table = ExternalId.__table__
    mine = tuple_(table.c.contact_id, table.c.system, table.c.value).in_(wanted)
    found = work.session.execute(
        delete(table).where(mine).returning(table.c.contact_id, table.c.system, table.c.value)
    ).all()
    told = [(row.contact_id, {"system": row.system, "value": row.value}) for row in found]
    work.record_many(published.external_id_removed, told)
    return [tuple(row) for row in found]
