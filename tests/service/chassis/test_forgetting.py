"""What the chassis forgets in time: batch by batch, never what was not told, and it says so when asked for it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from chassis import housekeeping
from chassis.ids import new_id
from chassis.log import read_events
from chassis.service import Runtime
from chassis.tables import answers, events, inbox, relay
from chassis.work import Work
from contracts.errors import Gone


@pytest.fixture
def runtime(idle_service: Runtime) -> Runtime:
    """Billing, forty days later."""
    idle_service.clock = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(days=40)
    return idle_service


def log_of(runtime: Runtime, count: int, *, published: int) -> None:
    rows = [
        {"id": new_id(), "position": n, "type": "x", "time": dt.datetime.now(dt.UTC), "data": {}}
        for n in range(1, count + 1)
    ]
    with runtime.engine.begin() as connection:
        connection.execute(sa.insert(events), rows)
        connection.execute(sa.update(relay).values(assigned=count, published=published))


def kept(runtime: Runtime) -> list[int]:
    with runtime.engine.connect() as connection:
        return list(connection.scalars(sa.select(events.c.position).order_by(events.c.position)))


def read(runtime: Runtime, after: int) -> list[int]:
    with Work(runtime, reading=True) as work:
        answer = read_events(work, SimpleNamespace(after=after, limit=100))  # type: ignore[arg-type]
    return [item["position"] for item in answer["items"]]


@pytest.mark.requirement("G07", "O05")
def test_of_the_log_the_old_beginning_goes_that_was_told(runtime, monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    log_of(runtime, 10, published=8)
    with Work(runtime) as work:
        housekeeping.forget_events(work, days=0)
        housekeeping.forget_events(work, days=41)
    assert len(kept(runtime)) == 10, "kept for ever, or not old enough"
    with Work(runtime) as work:
        housekeeping.forget_events(work, days=39)
    assert kept(runtime) == [9, 10], "what waits for the broker is kept however old it is"


@pytest.mark.requirement("G07")
def test_who_reads_on_from_what_is_gone_is_told_where_the_log_begins(runtime):
    log_of(runtime, 10, published=7)
    with Work(runtime) as work:
        housekeeping.forget_events(work, days=1)
    assert read(runtime, 7) == read(runtime, -1) == [8, 9, 10]
    for after in (0, 6):
        with pytest.raises(Gone) as refusal:
            read(runtime, after)
        assert refusal.value.extra == {"service": "billing", "oldest": 8}
    with runtime.engine.begin() as connection:
        connection.execute(sa.update(relay).values(published=10))
    with Work(runtime) as work:
        housekeeping.forget_events(work, days=1)
    assert read(runtime, -1) == read(runtime, 10) == read(runtime, 2**62) == []
    with pytest.raises(Gone) as refusal:
        read(runtime, 9)
    assert refusal.value.extra["oldest"] == 11


@pytest.mark.requirement("O05")
def test_ids_of_applied_events_and_stored_answers_go_in_batches(runtime, monkeypatch):
    monkeypatch.setattr(housekeeping, "BATCH", 3)
    with runtime.engine.begin() as connection:
        connection.execute(sa.insert(inbox), [{"event_id": new_id(), "listener": "x"} for _ in range(8)])
        young = {"event_id": new_id(), "listener": "young", "received_at": runtime.clock()}
        connection.execute(sa.insert(inbox), [young])
        connection.execute(sa.insert(answers), [{"key": new_id(), "fingerprint": "x"} for _ in range(8)])
    monkeypatch.setattr(housekeeping, "settings", lambda: runtime.settings)
    with Work(runtime) as work:
        housekeeping.tidy(work)
    with runtime.engine.connect() as connection:
        assert list(connection.scalars(sa.select(inbox.c.listener))) == ["young"]
        assert connection.scalar(sa.select(sa.func.count()).select_from(answers)) == 0
