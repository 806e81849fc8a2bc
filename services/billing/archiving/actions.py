"""Holding whom a bulk action archives, until what became of them is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from chassis.ids import new_id
from chassis.rows import one_of, plain_rows, upserting
from chassis.tables import jobs
from chassis.work import Work
from contracts.billing.archiving import MOST
from contracts.contacts.bulk import get_standings
from contracts.language import Request
from services.acquaintance import learn_standings
from services.billing.archiving.queries import blockers_of
from services.billing.holds.model import Hold

SETTLE = "settle_holds"
LEFT_ALONE = dt.timedelta(seconds=2)
"""For so long nobody is asked what became of a hold: archiving takes less."""
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
    """Ask contacts about the holds of one step."""
    holds = _standing(work)
    if not holds:
        return None
    contact_ids = [hold.contact_id for hold in holds]
    asked = {"bulk_id": holds[0].held_by, "step": holds[0].step, "contact_ids": contact_ids}
    return holds, work.ask(get_standings, **asked)["items"]


def settle_holds(work: Work, job: Any, told: Any) -> None:
    """Write down who is archived, and let all of them go; while the step is at work there is nothing to be told."""
    holds, items = told or ([], [])
    if not items:
        job.finish()
        return
    learn_standings(work, items)
    known = one_of(_holds.c.contact_id, [item["contact_id"] for item in items])
    ended = select(_holds.c.contact_id).where(known, _holds.c.id.in_({hold.id for hold in holds}))
    contact_ids = work.session.scalars(ended.order_by(_holds.c.contact_id).with_for_update()).all()
    work.session.execute(update(_holds).where(one_of(_holds.c.contact_id, contact_ids)).values(_FREE))


def _standing(work: Work) -> Sequence[Any]:
    """Holds of the step that has had some for longest."""
    held = select(Hold.held_by, Hold.step).where(Hold.id.is_not(None), Hold.held_at < work.now - LEFT_ALONE)
    oldest = held.order_by(Hold.held_at).limit(1).subquery()
    same = (Hold.held_by == oldest.c.held_by) & (Hold.step == oldest.c.step) & Hold.id.is_not(None)
    return work.session.execute(
        select(Hold.contact_id, Hold.id, Hold.held_by, Hold.step).join(oldest, same).limit(MOST)
    ).all()
