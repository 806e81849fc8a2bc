"""What is logged of a job stands under its id, and what is of no job under none."""

from __future__ import annotations

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from chassis.running import Doing, Runners
from chassis.service import Runtime
from chassis.telemetry import begin

pytestmark = pytest.mark.requirement("O03")


@pytest.fixture
def runners(idle_service: Runtime) -> Runners:
    """Runners of a process that was at another job before."""

    def walk(*_: Any) -> None:
        raise AssertionError("nobody walks here")

    made = Runners()
    made._runtime, made.doors = idle_service, {"walk": Doing("walk", walk)}
    begin(job=str(uuid.uuid4()), kind="of before")
    return made


def test_a_step_that_fails_before_its_job_is_held_is_logged_under_its_own_id(runners: Runners) -> None:
    row = SimpleNamespace(id="no uuid", kind="walk", failures=1, due_at=None)
    with capture_logs([merge_contextvars]) as lines, pytest.raises(sa.exc.DBAPIError):
        runners._try(row)
    assert [(line["event"], line["job"], line["kind"]) for line in lines] == [("job step failed", "no uuid", "walk")]


def test_who_looks_for_a_job_is_at_none(runners: Runners) -> None:
    assert not runners._step()
    assert get_contextvars() == {}
