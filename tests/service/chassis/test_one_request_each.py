"""Of events that are applied in one transaction each keeps the request that it comes of, and who made it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from chassis.entrypoints import hears, hears_many
from chassis.events import _Loop
from chassis.ids import new_id
from chassis.service import Runtime
from chassis.tables import events, jobs
from chassis.told import Told
from chassis.work import Work
from contracts.billing import invoices
from contracts.language import Request

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e473{0}-00f067aa0ba902b7-01"
pytestmark = pytest.mark.requirement("O03")


def from_request(number: int, contact_id: str | None = None) -> Told:
    return Told(
        id=new_id(), type="a.b", source="/rapport/billing", subject=contact_id, time=dt.datetime.now(dt.UTC),
        sequence=number, data=Request(), actor={"id": f"member {number}", "role": "sales", "name": "Sales"},
        request_id=f"r-{number}", plain={}, traceparent=TRACE.format(number),
    )  # fmt: skip


def listening(runtime: Runtime, door: Any) -> _Loop:
    """A listener that is given its events by hand."""
    [hearing] = door.nameko_entrypoints
    named = SimpleNamespace(method_name="tested", told=hearing.told, reaction=hearing.reaction)
    return _Loop(runtime, named)  # type: ignore[arg-type]


def test_what_a_listener_does_and_logs_comes_of_the_event_that_it_hears(idle_service: Runtime) -> None:
    logged: list[Any] = []

    def start_something(work: Work, event: Told) -> None:
        logged.append(structlog.contextvars.get_contextvars().get("request_id"))
        work.start_job("follow up", {"of": event.sequence})

    door = hears([invoices.invoice_voided], start_something)
    listening(idle_service, door)._transact([from_request(1), from_request(2)])
    assert logged == ["r-1", "r-2"]
    with idle_service.engine.connect() as connection:
        found = connection.execute(sa.select(jobs)).all()
    assert sorted((row.input["of"], row.request_id, row.traceparent, row.actor["id"]) for row in found) == [
        (number, f"r-{number}", TRACE.format(number), f"member {number}") for number in (1, 2)
    ]


def test_what_is_told_of_many_at_once_comes_each_of_the_event_that_is_about_the_same_contact(
    idle_service: Runtime,
) -> None:
    one, two, stranger = new_id(), new_id(), new_id()

    def tell_all(work: Work, batch: Any) -> None:
        work.record_many(invoices.invoice_voided, [(contact_id, {}) for contact_id in (one, two, stranger)])
        work.record_alike(invoices.invoice_paid, [one, two])
        work.by_itself()
        work.record(invoices.invoice_written_off, two)

    with capture_logs([merge_contextvars]) as lines:
        loop = listening(idle_service, hears_many([invoices.invoice_voided], tell_all))
        batch = [from_request(1, one), from_request(2, two), from_request(3, two)]
        loop._transact(batch)
        loop._say(batch)
    assert [(line.get("request_id"), line["request_ids"]) for line in lines] == [(None, ["r-1", "r-2", "r-3"])]
    first, last = ("r-1", TRACE.format(1), "member 1"), ("r-3", TRACE.format(3), "member 3")
    with idle_service.engine.connect() as connection:
        rows = connection.execute(sa.select(events).order_by(events.c.seq)).all()
    found = {(row.type, row.subject): (row.request_id, row.traceparent, row.actor["id"]) for row in rows}
    assert found == {
        ("invoice.voided", one): first,
        ("invoice.voided", two): last,
        ("invoice.voided", stranger): (None, None, "service:billing"),
        ("invoice.paid", one): first,
        ("invoice.paid", two): last,
        ("invoice.written_off", two): (*last[:2], "service:billing"),
    }
