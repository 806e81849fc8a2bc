"""Cards of those who are looked for, in pages; what nobody has just so is looked for once more, roughly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import Integer, cast, func, select

from contracts.errors import Forbidden, Invalid
from services.contacts.finding.queries.catalogue import asks_for_named, compiled
from services.contacts.finding.queries.fields import contacts
from services.contacts.finding.queries.matching import with_facts
from services.contacts.finding.queries.paging import counted, page_in_time
from services.contacts.finding.queries.sorting import Order, order_of
from services.contacts.finding.rules.remembering import addresses, patterns, words_of

ALIKE = 0.45
"""So much of a word's groups of three letters must be found together somewhere on the card."""
_TOLERANT = {"pg_trgm.word_similarity_threshold": ALIKE}
MOST_ALIKE = 2000
"""Of so many cards the likest are answered: something like a common word is on all of them."""
_of = contacts.c


def list_contacts(work: Any, request: Any) -> dict[str, Any]:
    """Answer a page of cards; every word of `q` must be found somewhere on the card.

    When none has them all, the cards that have something almost like each word are answered, the likest first.
    """
    order = order_of(request.sort)
    if order.needs is not None and not work.actor.may(order.needs):
        raise Forbidden("This order tells what is not shown to you.", [_withheld(order.needs)])
    among, where = _asked(work, request, order.of_facts)
    exactly = remembered(request.q or "")
    words = words_of(request.q or "")
    try:
        page = page_in_time(work, among, [*where, *exactly], order, request, _by_hash(work, request, order, exactly))
    except Invalid as refusal:
        if not words or refusal.errors[0]["pointer"] != "/cursor":
            raise
        page = None  # perhaps it is the cursor of a rough page
    if words and (page is None or not (page["items"] or request.cursor)):
        alike = select(_of.id).select_from(among).where(*where, *_almost(words)).limit(MOST_ALIKE).correlate(None)
        return page_in_time(work, among, [_of.id.in_(alike)], Order(_likest(words), locally=_TOLERANT), request) | {
            "almost": True
        }
    assert page is not None
    return page | {"almost": False, "total": counted(work, among, [*where, *exactly]) if request["count"] else None}


def _withheld(permission: str) -> dict[str, str]:
    return {"pointer": "/sort", "detail": f"It needs the permission {permission}."}


def remembered(q: str) -> list[Any]:
    """Everything that somebody remembers is on the card."""
    found = [_of.search.like(pattern, escape="\\") for pattern in patterns(q)]
    return found + [func.strpos(_of.search, address) != 0 for address in addresses(q)]


def _by_hash(work: Any, request: Any, order: Order, exactly: Sequence[Any]) -> Callable[[], Sequence[Any]] | None:
    """What must hold, said so that others are passed quickly; those of a tag stand in an index, the newest first."""
    if not request.filter or request.sort.endswith("newest") or not asks_for_named(request.filter):
        return None
    return lambda: [*_asked(work, request, order.of_facts, by_hash=True)[1], *exactly]


def _asked(work: Any, request: Any, sorted_by_facts: bool, *, by_hash: bool = False) -> tuple[Any, list[Any]]:
    """What to select from, and what must hold besides `q`."""
    where = [_of.standing == request.standing]
    for name in ("lifecycle", "assigned_to"):
        if request.get(name):
            where.append(_of[name] == request[name])
    found = compiled(work, request.filter, by_hash=by_hash) if request.filter else None
    if found is not None:
        where.append(found.where)
    return with_facts(known=sorted_by_facts, perhaps=found is not None and found.of_facts), where


def _almost(words: Sequence[str]) -> list[Any]:
    """Each word, or something written much like it, is on the card."""
    return [_of.search.bool_op("%>")(word) for word in words]


def _likest(words: Sequence[str]) -> tuple[Any, Any]:
    likeness = reduce(add, (func.word_similarity(word, _of.search) for word in words))
    return cast(likeness * 1000, Integer).desc(), _of.id.desc()
