"""Events at which a process may have died.

What is delivered again was in the hands of a process that ended, or waited behind what ended it. Each is applied alone,
and counted before that, in a transaction of its own: one that ends its process each time is given up in the end, and
does not hold up its listener for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.tables import inbox, suspects
from chassis.told import Hopeless
from chassis.work import Work

if TYPE_CHECKING:
    from chassis.service import Runtime

TRIES = 5
"""So often is an event tried alone that came back with nothing said of it."""


class Deadly(Hopeless):
    """The event was begun again and again, and never ended, neither well nor badly."""


def count(runtime: Runtime, listener: str, event_id: str) -> None:
    """Count a try that is about to be made, or refuse it as Deadly; what was applied already is harmless."""
    this = {"event_id": event_id, "listener": listener}
    counted = (
        insert(suspects)
        .values(**this, tries=1)
        .on_conflict_do_update(index_elements=list(this), set_={"tries": suspects.c.tries + 1})
        .returning(suspects.c.tries)
    )
    with Work(runtime) as work:
        if work.session.scalar(select(inbox.c.event_id).filter_by(**this)):
            return
        tries = work.session.scalar(counted)
    if tries > TRIES:
        raise Deadly(f"It was begun {TRIES} times and never ended: each time its process did.")
