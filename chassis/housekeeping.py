"""What the chassis keeps no longer than it is of use: applied event ids, stored answers, and old events if told so.

Everything goes in batches, each in a transaction of its own: a delete of millions of rows would hold its locks, and its
place in the log of the database, for minutes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.config import settings
from chassis.tables import events
from chassis.work import Work

INBOX_DAYS = 14
ANSWER_DAYS = 2
EVERY_SECONDS = 600.0
BATCH = 2000
MOST_BATCHES = 500
"""In one run; what is left waits for the next."""

_OLDEST = """
    DELETE FROM {table} WHERE ctid = ANY (ARRAY (
        SELECT ctid FROM {table} WHERE {since} < :age ORDER BY {since} LIMIT :batch
    ))
"""
_FIRST_TO_KEEP = sa.text("""
    SELECT coalesce(min(position) FILTER (WHERE id >= :bound), max(position) + 1) FROM (
        SELECT position, id FROM events WHERE position <= (SELECT published FROM relay) ORDER BY position LIMIT :batch
    ) AS oldest
""")


def tidy(work: Work) -> None:
    """Forget what is older than any repetition of it, and events that are older than they are kept."""
    forget(work, "inbox", "received_at", INBOX_DAYS)
    forget(work, "suspects", "counted_at", INBOX_DAYS)
    forget(work, "answers", "made_at", ANSWER_DAYS)
    forget_events(work, settings().events_kept_days)


def forget(work: Work, table: str, since: str, days: float) -> None:
    """Delete the rows that are older than so many days."""
    statement = sa.text(_OLDEST.format(table=table, since=since))
    age = work.now - dt.timedelta(days=days)
    for _ in range(MOST_BATCHES):
        if _deleted(work, statement, {"age": age, "batch": BATCH}) < BATCH:
            return


def forget_events(work: Work, days: float) -> None:
    """Delete the beginning of the log, as far as it was published and is older than so many days; 0 keeps all.

    An event's id is a UUIDv7, which says when it was recorded, whatever time it tells of.
    """
    if not days:
        return
    bound = UUID(int=int((work.now - dt.timedelta(days=days)).timestamp() * 1000) << 80)
    for _ in range(MOST_BATCHES):
        keep = work.session.scalar(_FIRST_TO_KEEP, {"bound": bound, "batch": BATCH})
        if keep is None or _deleted(work, sa.delete(events).where(events.c.position < keep), {}) < BATCH:
            return


def _deleted(work: Work, statement: Any, values: dict[str, Any]) -> int:
    result: Any = work.session.execute(statement, values)
    work.commit()
    work.breathe()
    return result.rowcount
