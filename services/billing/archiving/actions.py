"""Holding whom a bulk action archives, until what became of them is known."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, update

from chassis.ids import new_id
from chassis.rows import one_of, plain_rows, upserting
from chassis.tables import jobs
from chassis.work import Work
from contracts.contacts.bulk import get_standings
from contracts.errors import Problem
from contracts.language import Request
from services.acquaintance import learn_standings
from services.billing.archiving.queries import blockers_of
from services.billing.holds.model import Hold

SETTLE = "settle_holds"
LEFT_ALONE = dt.timedelta(seconds=2)
"""For so long nobody is asked what became of a hold: archiving takes less."""
STEPS_AT_ONCE = 8
BUSY = "Another action archives this contact at this moment."
_holds: Any = Hold.__table__
_TAKE = upserting(
    _holds, lambda there, coming: there.id.is_(None) | (there.held_by == coming.held_by)
).returning(_holds.c.contact_id)  # fmt: skip
_FREE = {"id": None, "held_by": None, "step": None, "held_at": None}


def hold_for_archiving(work: Work, request: Request) -> dict[str, Any]:
    """Hold first and look then: who sells to them is done by now, and seen, or waits and is refused."""
    id = new_id()
    told = {"id": id, "held_by": request.held_by, "step": request.step, "held_at": work.now}
    rows = [told | {"contact_id": contact_id} for contact_id in sorted(set(request.contact_ids))]
    held = set(work.session.scalars(_TAKE, plain_rows(rows))) if rows else set()
    blocked = blockers_of(work, {*request.contact_ids, *request.asks_about})
    for contact_id in set(request.contact_ids) - held:
        blocked.setdefault(contact_id, []).append(BUSY)
    let_go = update(_holds).where(_holds.c.id == id, one_of(_holds.c.contact_id, held & blocked.keys()))
    work.session.execute(let_go.values(_FREE))
    return {
        "held": sorted(held - blocked.keys()),
        "blocked": [{"contact_id": one, "blockers": reasons} for one, reasons in sorted(blocked.items())],
    }


def look_after_holds(work: Work) -> None:
    """Ask, as a job, what became of holds that have stood for a while."""
    asking = select(jobs.c.id).where(jobs.c.kind == SETTLE, jobs.c.state.in_(("queued", "running")))
    if _standing(work) and work.session.scalar(asking.limit(1)) is None:
        work.start_job(SETTLE, {})


def ask_what_became(work: Work, _job: Any) -> Any:
    """Ask contacts about the holds of each step; one that is at work still holds up no other."""
    steps: dict[tuple[str, int], list[Any]] = defaultdict(list)
    for hold in _standing(work):
        steps[hold.held_by, hold.step].append(hold)
    asked = [
        (get_standings, {"bulk_id": by, "step": step, "contact_ids": [hold.contact_id for hold in holds]})
        for (by, step), holds in steps.items()
    ]
    answers = work.ask_all(asked) if asked else []
    for problem in answers:
        if isinstance(problem, Problem):
            raise problem
    return list(zip(steps.values(), answers, strict=True))


def settle_holds(work: Work, job: Any, told: Any) -> None:
    """Write down who is archived, and let all of them go; of a step that is at work there is nothing to be told.

    Who is not known to contacts, because it came back to a moment before, is let go with the others.
    """
    over = [(holds, answer["items"]) for holds, answer in told if answer.get("over") or answer["items"]]
    if not over:
        job.finish()
        return
    learn_standings(work, [item for _, items in over for item in items])
    holds = {hold.id: None for holds, _ in over for hold in holds}
    theirs = one_of(_holds.c.contact_id, [hold.contact_id for holds, _ in over for hold in holds])
    ended = select(_holds.c.contact_id).where(theirs, _holds.c.id.in_(holds))
    contact_ids = work.session.scalars(ended.order_by(_holds.c.contact_id).with_for_update()).all()
    work.session.execute(update(_holds).where(one_of(_holds.c.contact_id, contact_ids)).values(_FREE))


def _standing(work: Work) -> Sequence[Any]:
    """Holds of the steps that have had some for longest."""
    stand = Hold.id.is_not(None)
    held = select(Hold.held_by, Hold.step).where(stand, Hold.held_at < work.now - LEFT_ALONE)
    oldest = held.group_by(Hold.held_by, Hold.step).order_by(func.min(Hold.held_at)).limit(STEPS_AT_ONCE).subquery()
    same = (Hold.held_by == oldest.c.held_by) & (Hold.step == oldest.c.step) & stand
    return work.session.execute(select(Hold.contact_id, Hold.id, Hold.held_by, Hold.step).join(oldest, same)).all()
