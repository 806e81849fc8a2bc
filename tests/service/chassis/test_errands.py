"""An errand is counted once, by what came of it, and goes on with what it comes of."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from prometheus_client import REGISTRY
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from chassis.actor import Actor
from chassis.causes import Cause
from chassis.errands import Running
from chassis.ids import new_id
from chassis.service import Runtime
from chassis.tables import events
from chassis.work import Work
from contracts.billing import invoices

OUTCOMES = ("ok", "failed", "unsettled")


def refuse(*_: Any) -> None:
    raise ValueError("not today")


def nothing(*_: Any) -> None:
    """Nothing to do."""


@pytest.mark.requirement("O03")
@pytest.mark.parametrize(
    ("perform", "settle", "outcome"),
    [(nothing, nothing, "ok"), (refuse, nothing, "failed"), (nothing, refuse, "unsettled"),
     (refuse, refuse, "unsettled")],
)  # fmt: skip
def test_an_errand_is_counted_once(idle_service: Runtime, perform: Any, settle: Any, outcome: str) -> None:
    door = f"{perform.__name__}, {settle.__name__}"
    errands = Running(nothing, perform, settle)
    errands._runtime, errands.method_name = idle_service, door
    errands._do({})
    counted = {
        one: REGISTRY.get_sample_value(
            "rapport_errand_seconds_count", {"service": "billing", "door": door, "outcome": one}
        )
        for one in OUTCOMES
    }
    assert {one: many for one, many in counted.items() if many} == {outcome: 1}


ASKED = Cause("r-7", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Actor("anna", "sales", "Anna"))


@pytest.mark.requirement("O03")
@pytest.mark.parametrize(
    ("kept", "request_id", "traceparent", "who"),
    [(ASKED.told, "r-7", ASKED.traceparent, "anna"), (None, None, None, "service:billing")],
    ids=["asked for", "by itself"],
)
def test_what_an_errand_tells_and_logs_comes_of_what_its_row_has_kept(
    idle_service: Runtime, kept: Any, request_id: str | None, traceparent: str | None, who: str
) -> None:
    def tell(work: Work, item: Any, outcome: Any, error: Any) -> None:
        work.record(invoices.invoice_voided, item["contact_id"])

    errands = Running(nothing, refuse, tell)
    errands._runtime, errands.method_name = idle_service, "test_errands"
    contact_id = new_id()
    with capture_logs([merge_contextvars]) as lines:
        errands._do({"contact_id": contact_id, "cause": kept})
    assert [(line["event"], line.get("request_id"), line["door"]) for line in lines] == [
        (event, request_id, "test_errands") for event in ("errand failed", "errand done")
    ]
    with idle_service.engine.connect() as connection:
        (told,) = connection.execute(sa.select(events).where(events.c.subject == contact_id)).all()
    assert (told.request_id, told.traceparent, told.actor["id"]) == (request_id, traceparent, who)
