"""The contacts of a selection, in pages by id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, func, select

from chassis.rows import texts_of
from contracts.errors import Forbidden, Invalid
from services.contacts.contact.model import Contact
from services.contacts.finding.queries.matching import select_matching
from services.contacts.finding.rules.remembering import patterns

_EVERYBODY: Mapping[str, Any] = {"combinator": "and", "not": False, "rules": []}


def next_selected(work: Any, selection: Mapping[str, Any], after: str | None, count: int) -> list[str]:
    """The ids of the next so many, behind `after`; who was named and does not exist is among them."""
    if "ids" in selection:
        return [contact_id for contact_id in sorted(set(selection["ids"])) if after is None or contact_id > after][
            :count
        ]
    page = select_selected(work, selection, after).order_by(Contact.id).limit(count).subquery()
    return list(work.session.scalar(select(texts_of(select(page.c.id).order_by(page.c.id)))))


def count_selected(work: Any, selection: Mapping[str, Any]) -> int:
    """How many there are at this moment."""
    if "ids" in selection:
        return len(set(selection["ids"]))
    return work.session.scalar(select(func.count()).select_from(select_selected(work, selection).subquery()))


def judge_selection(work: Any, selection: Mapping[str, Any]) -> None:
    """Refuse a filter that makes no sense, with pointers into the selection."""
    if "ids" in selection:
        return
    if selection.get("q") and not patterns(selection["q"]):
        raise Invalid.field("/selection/q", "Letters or digits are needed.")
    try:
        select_selected(work, selection)
    except (Invalid, Forbidden) as refusal:
        errors = [{**error, "pointer": f"/selection{error['pointer']}"} for error in refusal.errors]
        raise type(refusal)(refusal.detail, errors) from None


def select_selected(work: Any, selection: Mapping[str, Any], after: str | None = None) -> Select[Any]:
    """Select the ids of all that match now, behind `after`; a filter that makes no sense is refused as Invalid."""
    filter = selection.get("filter") or _EVERYBODY
    statement = select_matching(work, filter, standing=selection["standing"], after=after)
    words = patterns(selection.get("q") or "")
    return statement.where(*(Contact.search.like(pattern, escape="\\") for pattern in words))
