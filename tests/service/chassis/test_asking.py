"""Asking takes its time and no more, and leaves nothing behind."""

from __future__ import annotations

import time

import pytest

from chassis import deadlines, line as a_line
from chassis.broker import connect, discard
from chassis.calls import Calls
from chassis.wire import RPC_EXCHANGE
from chassis.work import Work
from contracts.contacts import team
from contracts.errors import NotSignedIn, Unavailable
from contracts.language import PUBLIC, Rpc
from tests.house.slow_link import SlowLink

NEVER = Rpc("nobody", "answers", needs=PUBLIC, writes=False, deadline=1.0)
QUEUE = "tests-nobody"

pytestmark = pytest.mark.requirement("G06")


@pytest.fixture
def calls(house):
    """Calls in a house where one service is there and never answers."""
    raw = connect(house.env["RAPPORT_AMQP_URI"])
    channel = raw.channel()
    channel.queue_declare(QUEUE, durable=False, auto_delete=False)
    channel.queue_bind(QUEUE, RPC_EXCHANGE, "nobody.*")
    asking = Calls(house.env["RAPPORT_AMQP_URI"])
    yield asking
    asking.close()
    channel.queue_delete(QUEUE)
    discard(raw)


def test_a_question_that_cannot_be_written_takes_no_connection_with_it(calls):
    with pytest.raises(NotSignedIn):
        calls.ask(team.get_me, {})
    [line] = calls._idle
    with pytest.raises(ValueError, match="JSON compliant"):
        calls.ask(team.get_me, {"number": float("nan")})
    assert not line.raw.connected


def test_who_answers_is_heard_though_another_does_not(calls):
    refusal, silence = calls.ask_all([(team.get_me, {}), (NEVER, {})])
    assert isinstance(refusal, NotSignedIn)
    assert isinstance(silence, Unavailable)


def test_one_that_asks_much_at_once_does_not_shut_out_the_others(calls):
    calls.ask_all([(NEVER, {})] * 5)
    with pytest.raises(Unavailable, match="did not answer in time"):
        calls.ask(NEVER, {})


def test_who_asks_others_still_has_the_time_to_say_who_was_silent(calls, house, idle_service, monkeypatch):
    monkeypatch.setattr(deadlines, "SPARED", 0.7)  # on a busy machine to come back takes longer than the usual tenth
    idle_service.calls = calls
    ends = time.monotonic() + NEVER.deadline
    with pytest.raises(Unavailable, match="The service nobody did not answer in time"):
        Work(idle_service, ends=ends).ask(NEVER)
    assert ends > time.monotonic()


def test_a_connection_that_gets_no_channel_is_closed(house, monkeypatch):
    made = []

    def connect_and_fall_silent(uri, **told):
        raw = connect(uri, **told)
        raw.sock.settimeout(0.3)
        link.hold()
        made.append(raw)
        return raw

    with SlowLink(house.env["RAPPORT_AMQP_URI"]) as link:
        monkeypatch.setattr(a_line, "connect", connect_and_fall_silent)
        with pytest.raises(Unavailable):
            Calls(link.uri).ask(team.get_me, {})
    assert made
    assert not any(raw.connected for raw in made)
