"""Pages of cards within the time that the caller waits: found another way when the first takes long, else refused."""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.exc import DBAPIError

from chassis.database import is_given_up
from chassis.pages import AT_A_GLANCE, page_found, read_cursor
from contracts.errors import Invalid
from services.contacts.card.queries.reading import CARDS, shown
from services.contacts.finding.queries.fields import contacts
from services.contacts.finding.queries.matching import whose_facts
from services.contacts.finding.queries.sorting import Order

_of = contacts.c
FIRST_WAY, SPARED, OTHERWISE = 0.6, 0.5, 5.0
"""Seconds: for the way that PostgreSQL takes by itself, and what is left over for the answer to be on its way."""
_TOO_LONG = (
    "To answer this takes longer than anybody waits. Ask for more that few contacts have, such as a tag, a group, a "
    "source, a location, an e-mail, dues, a subscription or a time; or for another order."
)


def page_in_time(
    work: Any,
    among: Any,
    where: Sequence[Any],
    order: Order,
    request: Any,
    by_hash: Callable[[], Sequence[Any]] | None = None,
) -> dict[str, Any]:
    """Answer a page in the way that PostgreSQL thinks best, which mostly is to walk down the list.

    Where those who are asked for stand far down together it would walk past all others: it is stopped, and walks past
    them `by_hash`, when that is given; or who matches is gathered first and put in order after that. What takes longer
    than the caller waits in every way is refused.
    """
    among = _from_cursor_on(among, order, request)
    matching = select(_of.id).select_from(among).where(*where)
    page = _tried(work, matching, order, request, AT_A_GLANCE if by_hash else FIRST_WAY)
    if page is None and by_hash:
        page = _tried(work, select(_of.id).select_from(among).where(*by_hash()), order, request, FIRST_WAY)
    if page is not None:
        return page
    with _refused_when_late():
        return _page(work, matching, order, request, _time_for(work), gathered=True)


def _from_cursor_on(among: Any, order: Order, request: Any) -> Any:
    """Of a list in the order of ids, the facts of those who may be on the page."""
    if not request.cursor or len(order.keys) > 1:
        return among
    [last] = read_cursor(request.cursor, order.keys)
    beyond = op.lt if request.sort == "newest" else op.gt
    return whose_facts(among, lambda contact_id: beyond(contact_id, last))


def _tried(work: Any, found: Select[Any], order: Order, request: Any, seconds: float) -> dict[str, Any] | None:
    """The page, unless it takes longer."""
    try:
        return _page(work, found, order, request, min(seconds, _time_for(work)))
    except DBAPIError as error:
        if not is_given_up(error):
            raise
    return None


def counted(work: Any, among: Any, where: Sequence[Any]) -> int:
    """How many match."""
    statement = select(func.count()).select_from(among).where(*where).execution_options(seconds=_time_for(work))
    with _refused_when_late():
        return work.session.scalar(statement)


def _page(
    work: Any, found: Select[Any], order: Order, request: Any, seconds: float, *, gathered: bool = False
) -> dict[str, Any]:
    cards = CARDS.execution_options(seconds=seconds, locally=order.locally)
    page = page_found(work, found, _of.id, cards, order.keys, request, gathered=gathered)
    return page | {"items": [shown(row, work.now) for row in page["items"]]}


def _time_for(work: Any) -> float:
    return max(0.1, work.seconds_left(OTHERWISE) - SPARED)


@contextmanager
def _refused_when_late() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if is_given_up(error):
            raise Invalid.field("/filter", _TOO_LONG) from None
        raise
