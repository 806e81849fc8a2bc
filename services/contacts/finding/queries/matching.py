"""Who matches a filter, for bulk actions, exports and segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select

from services.contacts.finding.queries.catalogue import compiled
from services.contacts.finding.queries.fields import contacts, facts


def select_matching(work: Any, filter: Mapping[str, Any], *, standing: str | None = "active") -> Select[Any]:
    """Select the ids of all contacts that match; a filter that makes no sense is refused as Invalid.

    `standing=None` is everybody, archived and merged too.
    """
    found = compiled(work, filter)
    statement = select(contacts.c.id).select_from(with_facts(perhaps=found.of_facts)).where(found.where)
    return statement if standing is None else statement.where(contacts.c.standing == standing)


def matching_page(
    work: Any, filter: Mapping[str, Any], after_id: str | None, limit: int, *, standing: str | None = "active"
) -> list[str]:
    """The ids of the next so many who match, in the order of their ids, behind `after_id`."""
    statement = select_matching(work, filter, standing=standing).order_by(contacts.c.id).limit(limit)
    if after_id is not None:
        statement = statement.where(contacts.c.id > after_id)
    return list(work.session.scalars(statement))


def with_facts(*, known: bool = False, perhaps: bool = False) -> Any:
    """What to select from: contacts alone, with their facts, or with their facts if there are any."""
    if not (known or perhaps):
        return contacts
    return contacts.join(facts, facts.c.contact_id == contacts.c.id, isouter=not known)
