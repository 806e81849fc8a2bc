"""A job of four phases: ask how long the logs are, begin an edition, read the logs into it, show it and tidy up."""

from __future__ import annotations

from typing import Any

from contracts.errors import Conflict
from services.contacts.projections.actions import begin_edition, made_edition, show_edition
from services.contacts.projections.rules import as_logged
from services.contacts.rebuilding.making import MAKING, Making
from services.contacts.rebuilding.reading import Page, extents_of_logs, next_pages


def rebuild(work: Any, request: Any) -> dict[str, Any]:
    """Queue the job."""
    return {"job_id": work.start_job("rebuild", {"projection": request.projection}), "state": "queued"}


def count_in_another_currency(work: Any, event: Any) -> None:
    """Add up everybody's facts again when they are counted in another currency now."""
    if "currency" in event.data.changes:
        work.start_job("rebuild", {"projection": "facts"})


def ask_for_events(work: Any, job: Any) -> Any:
    """Ask what the step at hand needs: how far each log goes, or the next events of them."""
    at = job.checkpoint
    if at.get("phase") == "measure":
        return extents_of_logs(work)
    if at.get("phase") == "read":
        return next_pages(work, at["after"], at["newest"])
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
            _take_in(work, told, making, made_edition(work, name, job.id))
            _read_on(job, told)
        elif phase == "show":
            edition = show_edition(work, name, job.id)
            job.checkpoint = {**job.checkpoint, "phase": "tidy", "edition": edition, "after": None}
        else:
            _tidy(work, job, making)
    except Conflict as refusal:
        job.fail(refusal.detail)


def _begin_to_read(job: Any, making: Making, extents: dict[str, tuple[int, int]]) -> None:
    forgotten = [service for service, (first, _) in extents.items() if first > 1]
    if forgotten and making.needs_all:
        job.fail(f"The logs of {', '.join(forgotten)} do not go back to their beginning any more.")
        return
    firsts, newest = ({service: extent[end] for service, extent in extents.items()} for end in (0, 1))
    after = {service: first - 1 for service, first in firsts.items() if first <= newest[service]}
    job.progress = {"total": sum(newest[service] - last for service, last in after.items()), "done": 0}
    job.checkpoint = {"phase": "read" if after else "show", "firsts": firsts, "newest": newest, "after": after}


def _take_in(work: Any, pages: list[Page], making: Making, edition: int) -> None:
    """Take in page after page, and let others of this process run in between."""
    for service, rows in pages:
        events = (as_logged(service, row) for row in rows)
        making.take_in(work, [event for event in events if event is not None], edition)
        work.breathe()


def _read_on(job: Any, pages: list[Page]) -> None:
    """Note how far each log was read; one that was read to its end is asked no more."""
    at = job.checkpoint
    read = at["after"] | {service: rows[-1]["position"] for service, rows in pages}
    left = {service: last for service, last in read.items() if last < at["newest"][service]}
    job.progress = {**job.progress, "done": job.progress["done"] + sum(len(rows) for _, rows in pages)}
    job.checkpoint = {**at, "phase": "read" if left else "show", "after": left}


def _tidy(work: Any, job: Any, making: Making) -> None:
    at = job.checkpoint
    after = making.tidy(work, at["after"], at["edition"], at["firsts"])
    job.checkpoint = {**at, "after": after}
    if after is None:
        job.finish(events=job.progress["done"])
