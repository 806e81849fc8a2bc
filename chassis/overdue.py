"""What runs out as time passes, whether anybody looks or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, select, update

from chassis.work import Work
from contracts.language import Event

MOST_AT_ONCE = 500


def let_run_out(
    work: Work,
    rows: Any,
    *overdue: ColumnElement[bool],
    oldest: Any,
    becomes: Mapping[str, Any],
    told: Event,
    saying: Callable[[Any], dict[str, Any]],
) -> None:
    """Give the rows that are overdue these values, the oldest first, and tell each of them once.

    They are rows of contacts, 500 at once; those that somebody else holds are left for the next time.
    """
    next_ones = select(rows.id).where(*overdue).order_by(oldest, rows.id).limit(MOST_AT_ONCE)
    # Apart from the update, which might look for them once a row, and each time find others.
    chosen = next_ones.with_for_update(skip_locked=True).cte("chosen")
    run_out = update(rows).where(rows.id == chosen.c.id).values(**becomes).returning(*rows.__table__.c)
    gone = work.session.execute(run_out.execution_options(synchronize_session=False)).all()
    work.record_many(told, [(row.contact_id, saying(row)) for row in gone])
