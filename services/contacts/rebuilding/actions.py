"""A job of four phases: ask how long the logs are, begin an edition, read the logs into it, show it and tidy up."""

from __future__ import annotations

from typing import Any

from contracts.errors import Conflict
from contracts.log import read_events
from services.contacts.projections.actions import begin_edition, made_edition, show_edition
from services.contacts.projections.rules import Happened, as_logged
from services.contacts.rebuilding.making import MAKING, Making

SERVICES = tuple(read_events)
EVENTS_A_QUESTION = 1000
QUESTIONS_A_STEP = 4
ROWS_A_STEP = 2000
EVENTS_A_BREATH = 200


def rebuild(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job."""
    return {"job_id": work.start_job("rebuild", {"projection": request.projection}), "state": "queued"}


def ask_for_events(work: Any, job: Any) -> Any:
    """Ask what the step at hand needs: how far each log goes, or the next events of one of them."""
    at = job.checkpoint
    if at.get("phase") == "measure":
        return {name: _extent(work.ask(rpc, after=0, limit=1)) for name, rpc in read_events.items()}
    if at.get("phase") == "read":
        return _pages(work, at["service"], at["after"], at["newest"][at["service"]])
    return None


def rebuild_step(work: Any, job: Any, told: Any) -> None:
    """Do the next step; the checkpoint says which, so that a killed job goes on where it was."""
    name = job.input["projection"]
    making = MAKING[name]
    phase = job.checkpoint.get("phase")
    try:
        if phase is None:
            begin_edition(work, name, job.id)
            job.checkpoint = {"phase": "measure"}
        elif phase == "measure":
            _begin_to_read(job, making, told)
        elif phase == "read":
            making.take_in(work, _events(work, job.checkpoint["service"], told), made_edition(work, name, job.id))
            _read_on(job, told)
        elif phase == "show":
            edition = show_edition(work, name, job.id)
            job.checkpoint = {**job.checkpoint, "phase": "tidy", "edition": edition, "after": None}
        else:
            _tidy(work, job, making)
    except Conflict as refusal:
        job.fail(refusal.detail)


def _extent(answer: dict[str, Any]) -> tuple[int, int]:
    """The first and the newest position of a log; what was before the first has been forgotten."""
    return answer["items"][0]["position"] if answer["items"] else answer["newest"] + 1, answer["newest"]


def _pages(work: Any, service: str, after: int, newest: int) -> list[dict[str, Any]]:
    """The next events of a log, none beyond what was the newest when the edition had begun."""
    rows: list[dict[str, Any]] = []
    for _ in range(QUESTIONS_A_STEP):
        limit = min(EVENTS_A_QUESTION, newest - after)
        if limit <= 0:
            break
        page = work.ask(read_events[service], after=after, limit=limit)["items"]
        rows += page
        if len(page) < limit:
            break
        after = page[-1]["position"]
    return rows


def _events(work: Any, service: str, rows: list[dict[str, Any]]) -> list[Happened]:
    events = []
    for place, row in enumerate(rows):
        if place % EVENTS_A_BREATH == 0:
            work.breathe()
        event = as_logged(service, row)
        if event is not None:
            events.append(event)
    return events


def _begin_to_read(job: Any, making: Making, extents: dict[str, tuple[int, int]]) -> None:
    forgotten = [service for service, (first, _) in extents.items() if first > 1]
    if forgotten and making.needs_all:
        job.fail(f"The logs of {', '.join(forgotten)} do not go back to their beginning any more.")
        return
    firsts, newest = ({service: extent[end] for service, extent in extents.items()} for end in (0, 1))
    job.progress = {"total": sum(newest[service] - firsts[service] + 1 for service in SERVICES), "done": 0}
    job.checkpoint = {"phase": "read", "firsts": firsts, "newest": newest, "service": SERVICES[0], "after": 0}


def _read_on(job: Any, rows: list[dict[str, Any]]) -> None:
    at = dict(job.checkpoint)
    job.progress = {**job.progress, "done": job.progress["done"] + len(rows)}
    at["after"] = rows[-1]["position"] if rows else at["newest"][at["service"]]
    if at["after"] >= at["newest"][at["service"]]:
        left = SERVICES[SERVICES.index(at["service"]) + 1 :]
        at = {**at, "service": left[0], "after": 0} if left else {**at, "phase": "show"}
    job.checkpoint = at


def _tidy(work: Any, job: Any, making: Making) -> None:
    at = job.checkpoint
    after = making.tidy(work, at["after"], ROWS_A_STEP, at["edition"], at["firsts"])
    job.checkpoint = {**at, "after": after}
    if after is None:
        job.finish(events=job.progress["done"])
