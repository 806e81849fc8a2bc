"""Keeping the memory of the team up to date, and asking for those who came before it began."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.tables import jobs
from contracts.contacts import team
from services.pipeline.team.model import Colleague

LEARN = "learn_team"


def remember_team(work: Any, events: Iterable[Any]) -> None:
    """Learn from events of the team, in whatever order they came."""
    _keep(work, [{"id": event.data["team_member_id"], **event.data} for event in events])


def ask_when_strange(work: Any) -> None:
    """Ask who works here, as a job, unless that was asked or is being asked: they came before we listened."""
    asked = select(jobs.c.id).where(jobs.c.kind == LEARN, jobs.c.state.in_(("queued", "running", "done")))
    if work.session.scalar(asked.limit(1)) is None:
        work.start_job(LEARN, {})


def ask_for_team(work: Any, job: Any) -> Any:
    """Ask contacts for the next page of its team."""
    return work.ask(team.list_team, limit=200, sort="oldest", **job.checkpoint)


def learn_team(work: Any, job: Any, page: Any) -> None:
    """Remember a page of the team, unless something newer was heard meanwhile."""
    _keep(work, page["items"])
    if page["next"]:
        job.checkpoint = {"cursor": page["next"]}
    else:
        job.finish()


def _keep(work: Any, members: Iterable[Any]) -> None:
    """Write down the newest that is told of each."""
    newest: dict[str, dict[str, Any]] = {}
    for member in members:
        row = {name: member[name] for name in ("id", "name", "role", "active", "version")}
        if row["version"] >= newest.get(row["id"], row)["version"]:
            newest[row["id"]] = row
    if not newest:
        return
    new = insert(Colleague).values([newest[id] for id in sorted(newest)])
    set_ = {name: new.excluded[name] for name in ("name", "role", "active", "version")}
    work.session.execute(
        new.on_conflict_do_update(index_elements=["id"], set_=set_, where=Colleague.version < new.excluded.version)
    )
