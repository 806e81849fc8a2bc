"""Who matches a filter, for bulk actions, exports and segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select

from services.contacts.finding.queries.catalogue import compiled
from services.contacts.finding.queries.fields import contacts, facts


def select_matching(
    work: Any, filter: Mapping[str, Any], *, standing: str | None = "active", after: str | None = None
) -> Select[Any]:
    """Select the ids of all contacts that match; a filter that makes no sense is refused as Invalid.

    `standing=None` is everybody, archived and merged too; `after` an id is whoever stands behind it.
    """
    found = compiled(work, filter)
    among = with_facts(perhaps=found.of_facts)
    statement = select(contacts.c.id).where(found.where)
    if after is not None:
        among = whose_facts(among, lambda contact_id: contact_id > after)
        statement = statement.where(contacts.c.id > after)
    statement = statement.select_from(among)
    return statement if standing is None else statement.where(contacts.c.standing == standing)


def matching_page(
    work: Any, filter: Mapping[str, Any], after_id: str | None, limit: int, *, standing: str | None = "active"
) -> list[str]:
    """The ids of the next so many who match, in the order of their ids, behind `after_id`."""
    statement = select_matching(work, filter, standing=standing, after=after_id)
    return list(work.session.scalars(statement.order_by(contacts.c.id).limit(limit)))


def match_contacts(work: Any, request: Any) -> dict[str, Any]:
    """Tell another service whom a filter finds, by their ids."""
    work.act_for(request.asked_by)
    ids = list(work.session.scalars(select_matching(work, request.filter).limit(request.limit + 1)))
    return {"contact_ids": ids[: request.limit], "more": len(ids) > request.limit}


def with_facts(*, known: bool = False, perhaps: bool = False) -> Any:
    """What to select from: contacts alone, with their facts, or with their facts if there are any."""
    if not (known or perhaps):
        return contacts
    return contacts.join(facts, facts.c.contact_id == contacts.c.id, isouter=not known)


def whose_facts(among: Any, wanted: Callable[[Any], ColumnElement[bool]]) -> Any:
    """The same, for contacts whose ids are `wanted` alone: said of their facts too.

    That two ids are equal PostgreSQL concludes by itself, but not that one is behind what the other is behind: it
    would walk through the facts of everybody before a page to come to those of the page.
    """
    if among is contacts:
        return contacts
    return contacts.join(facts, and_(among.onclause, wanted(facts.c.contact_id)), isouter=among.isouter)
