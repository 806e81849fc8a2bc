"""The probe itself."""

from __future__ import annotations

import os
import time
from typing import Any

import sqlalchemy as sa

from chassis.entrypoints import Room, does, hears, hears_many, serves
from chassis.service import Service
from tests.faults.probe import contract, dying
from tests.faults.probe.diary import diary_here, note

marks = sa.table("marks", sa.column("number"), sa.column("mark"))
effects = sa.table("effects", sa.column("listener"), sa.column("mark"))

dying.lie_in_wait()


def make_mark(work: Any, request: Any) -> dict[str, Any]:
    note("made", request.mark)
    number = work.session.scalar(sa.insert(marks).values(mark=request.mark).returning(marks.c.number))
    dying.come_by("handling")
    time.sleep(request.pause)
    work.record(contract.mark_made, None, mark=request.mark)
    return {"mark": request.mark, "number": number}


def echo(work: Any, request: Any) -> Any:
    return request


def follow_marks(work: Any, events: list[Any]) -> None:
    for event in events:
        _take_effect(work, "follow", event)
    dying.come_by("handling")


def dawdle(work: Any, event: Any) -> None:
    """Take as long as the event says, or until that was enough."""
    _take_effect(work, "dawdle", event)
    ends = time.monotonic() + event.data.pause
    while (left := ends - time.monotonic()) > 0 and not diary_here().had_enough():
        time.sleep(min(left, 0.05))


def stumble(work: Any, event: Any) -> None:
    """Fail as often as the event says, then succeed."""
    before = len(diary_here().runs("stumble", event.data.mark))
    _take_effect(work, "stumble", event)
    if before < event.data.times:
        raise RuntimeError(f"stumbled over {event.data.mark}")


def perish(work: Any, events: list[Any]) -> None:
    """End the process, as by a fault in native code, as often as an event says."""
    for event in events:
        _take_effect(work, "perish", event)
        if len(diary_here().runs("perish", event.data.mark)) <= event.data.deaths:
            os._exit(7)


def start_walk(work: Any, request: Any) -> dict[str, Any]:
    return {"job_id": work.start_job("walk", dict(request))}


def walk(work: Any, job: Any) -> None:
    """One step; where its grave is, the process ends as by a fault in native code, as often as asked for."""
    at, asked = job.checkpoint.get("at", 0), job.input
    mark = f"{asked['mark']} {at}"
    note("walked", mark)
    work.session.execute(sa.insert(marks).values(mark=mark))
    if at == asked["grave"] and len(diary_here().runs("walked", mark)) <= asked["deaths"]:
        os._exit(7)
    job.checkpoint["at"] = at + 1
    if at + 1 == asked["steps"]:
        job.finish()


def _take_effect(work: Any, listener: str, event: Any) -> None:
    note(listener, event.data.mark)
    work.session.execute(sa.insert(effects).values(listener=listener, mark=event.data.mark))


class Marks(Room):
    make_mark = serves(contract.make_mark, make_mark)
    echo = serves(contract.echo, echo)
    follow = hears_many([contract.mark_made], follow_marks)
    start_walk = serves(contract.start_walk, start_walk)
    walk = does("walk", walk)
    dawdle = hears([contract.mark_slow], dawdle)
    stumble = hears([contract.mark_stumbling], stumble)
    perish = hears_many([contract.mark_deadly], perish)


class Probe(Marks, Service):
    name = contract.NAME
