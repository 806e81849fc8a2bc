"""Who is in which segment now, made so: some contacts over all segments, or all contacts of one segment in stretches.

Evaluations of a database run one at a time (`hold_segments`), and read definitions and contacts only then. So whoever
evaluates last has seen everything that was committed before, and what is committed later is told by an event later.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.rows import insert_rows, texts_of
from services.contacts.finding.queries.fields import contacts
from services.contacts.finding.queries.matching import whose_facts, with_facts
from services.contacts.segments.model import SegmentMember
from services.contacts.segments.queries.defined import Definition
from services.contacts.segments.queries.remembered import Segmentation

_members: Any = SegmentMember.__table__
_KEY = sa.Uuid(as_uuid=False)
_HOLD = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("segments", 0)))
_of = contacts.c


class Passages(NamedTuple):
    """Who entered and who left, by segment."""

    entered: dict[str, list[str]]
    left: dict[str, list[str]]


def hold_segments(work: Any) -> None:
    """Wait until no other evaluation is under way, and keep others waiting until this transaction ends."""
    work.session.execute(_HOLD)


def evaluate_contacts(work: Any, contact_ids: Collection[str], segments: Segmentation) -> Passages:
    """Look at these contacts in one statement, a column a segment, and let them enter and leave."""
    entered: dict[str, list[str]] = {}
    left: dict[str, list[str]] = {}
    ids = [definition.id for definition in segments.defined]
    known = set(ids)
    for contact_id, before, *holds in work.session.execute(segments.looking, {"ids": list(contact_ids)}):
        now = set(itertools.compress(ids, holds))
        was = known.intersection(before)
        for segment_id in now - was:
            entered.setdefault(segment_id, []).append(contact_id)
        for segment_id in was - now:
            left.setdefault(segment_id, []).append(contact_id)
    _write(work, Passages(entered, left))
    return Passages(entered, left)


def _write(work: Any, passages: Passages) -> None:
    rows = [
        {"segment_id": segment_id, "contact_id": contact_id, "entered_at": work.now}
        for segment_id, contact_ids in passages.entered.items()
        for contact_id in contact_ids
    ]
    insert_rows(work.session, _members, rows)  # who is in it already was not found to enter: nobody else evaluates now
    gone = [(segment_id, contact_id) for segment_id, ids in passages.left.items() for contact_id in ids]
    if gone:
        pairs = sa.tuple_(_members.c.segment_id, _members.c.contact_id)
        work.session.execute(sa.delete(_members).where(pairs.in_(gone)))


class Stretch(NamedTuple):
    """What one stretch of a segment came to; `last` is the id up to which everybody was looked at, None at the end."""

    entered: list[str]
    left: list[str]
    last: str | None


def evaluate_stretch(
    work: Any, definition: Definition, after: str | None, most: int, *, where: sa.ColumnElement[bool] | None = None
) -> Stretch:
    """Let enter who matches behind the id `after`, `most` at a time, and leave who does not; `where` narrows both."""
    page = _page(definition, after, most, where).cte("page")
    last = sa.select(
        sa.case((sa.select(sa.func.count()).select_from(page).scalar_subquery() < most, None), else_=_newest(page))
    ).cte("last")
    entered = (
        insert(_members)
        .from_select(
            ["segment_id", "contact_id", "entered_at"],
            sa.select(sa.literal(definition.id, _KEY), page.c.id, sa.literal(work.now)),
        )
        .on_conflict_do_nothing()
        .returning(_members.c.contact_id)
        .cte("entered")
    )
    left = _leaving(definition, after, where, page, last).cte("gone")
    end = sa.select(*last.c).scalar_subquery()
    row = work.session.execute(
        sa.select(
            texts_of(sa.select(entered.c.contact_id)),
            texts_of(sa.select(left.c.contact_id)),
            sa.type_coerce(end, _KEY),
        )
    ).one()
    return Stretch(sorted(row[0]), sorted(row[1]), row[2])


def _page(definition: Definition, after: str | None, most: int, where: Any) -> sa.Select[Any]:
    """The next who match, by id; with an index on what the filter asks, only those are looked at."""
    found = definition.found
    among = with_facts(perhaps=found.of_facts)
    statement = sa.select(_of.id).where(_of.standing == "active", found.where).order_by(_of.id).limit(most)
    if after is not None:
        among = whose_facts(among, lambda contact_id: contact_id > after)
        statement = statement.where(_of.id > after)
    statement = statement.select_from(among)
    return statement if where is None else statement.where(where)


def _newest(page: Any) -> Any:
    return sa.select(page.c.id).order_by(page.c.id.desc()).limit(1).scalar_subquery()


def _leaving(definition: Definition, after: str | None, where: Any, page: Any, last: Any) -> Any:
    member = _members.c
    end = sa.select(*last.c).scalar_subquery()
    statement = sa.delete(_members).where(
        member.segment_id == definition.id,
        sa.or_(end.is_(None), member.contact_id <= end),
        ~sa.exists().where(page.c.id == member.contact_id),
    )
    if after is not None:
        statement = statement.where(member.contact_id > after)
    if where is not None:
        statement = statement.where(member.contact_id == _of.id, where)
    return statement.returning(member.contact_id)
