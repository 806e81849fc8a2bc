"""Of events that are applied in one transaction each keeps the request that it comes of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
import structlog

from chassis.entrypoints import hears
from chassis.ids import new_id
from chassis.service import Runtime
from chassis.tables import jobs
from chassis.told import Told
from chassis.work import Work
from contracts.billing import invoices
from contracts.language import Request

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e473{0}-00f067aa0ba902b7-01"
pytestmark = pytest.mark.requirement("O03")


def from_request(number: int) -> Told:
    return Told(
        id=new_id(), type="a.b", source="/rapport/billing", subject=None, time=dt.datetime.now(dt.UTC), sequence=number,
        data=Request(), actor=None, request_id=f"r-{number}", plain={}, traceparent=TRACE.format(number),
    )  # fmt: skip


def test_what_a_listener_does_and_logs_comes_of_the_event_that_it_hears(idle_service: Runtime) -> None:
    logged: list[Any] = []

    def start_something(work: Work, event: Told) -> None:
        logged.append(structlog.contextvars.get_contextvars().get("request_id"))
        work.start_job("follow up", {"of": event.sequence})

    [listener] = hears([invoices.invoice_voided], start_something).nameko_entrypoints
    with Work(idle_service) as work:
        listener.reaction(work, [from_request(1), from_request(2)])
    assert logged == ["r-1", "r-2"]
    with idle_service.engine.connect() as connection:
        found = connection.execute(sa.select(jobs.c.input, jobs.c.request_id, jobs.c.traceparent)).all()
    assert sorted((row.input["of"], row.request_id, row.traceparent) for row in found) == [
        (number, f"r-{number}", TRACE.format(number)) for number in (1, 2)
    ]
