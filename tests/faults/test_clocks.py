"""Clocks that are put back while somebody waits, or never agreed: nobody waits longer or is refused for it."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import time_machine

from chassis.broker import connect, discard
from chassis.wire import RPC_EXCHANGE
from contracts.errors import Unavailable
from contracts.language import PUBLIC, Rpc
from local.processes import wait_for
from tests.faults.probe.contract import echo, make_mark
from tests.faults.probe.house import ProbeHouse

NEVER = Rpc("nobody", "answers", needs=PUBLIC, writes=False, deadline=1.0)
QUEUE = "tests-nobody"

pytestmark = pytest.mark.requirement("G06")


def test_a_caller_does_not_wait_for_an_hour(probe: ProbeHouse) -> None:
    """One of two services answers after the clock was put back; the other never does."""
    raw = connect(probe.env["RAPPORT_AMQP_URI"])
    channel = raw.channel()
    channel.queue_declare(QUEUE, durable=False, auto_delete=False)
    channel.queue_bind(QUEUE, RPC_EXCHANGE, "nobody.*")
    answers: list[object] = []

    def ask() -> None:
        questions = [(make_mark, {"mark": "put back", "pause": 1.0}), (NEVER, {})]
        answers.extend(probe.calls.ask_all(questions))

    caller = threading.Thread(target=ask, daemon=True)
    caller.start()
    assert wait_for(lambda: "put back" in probe.diary.counted("made"), 30)
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)):
        caller.join(30)
    channel.queue_delete(QUEUE)
    discard(raw)
    done, silence = answers
    assert done == {"mark": "put back", "number": 1}
    assert isinstance(silence, Unavailable)


@pytest.mark.parametrize("ahead", [30, -30], ids=["ahead", "behind"])
def test_who_signed_on_a_machine_whose_clock_is_half_a_minute_off_is_answered(probe: ProbeHouse, ahead: int) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead)):
        told = probe.ask(make_mark, key=f"off by {ahead}", mark=f"off by {ahead}")
    assert told["mark"] == f"off by {ahead}"


@pytest.mark.parametrize("ahead", [3600, -3600], ids=["ahead", "behind"])
def test_a_deadline_is_no_time_of_day(probe: ProbeHouse, ahead: int) -> None:
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead)):
        assert probe.calls.ask(echo, {"text": "what time is it?"}) == {"text": "what time is it?"}
