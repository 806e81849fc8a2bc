"""Messages that nobody should send: refused or parked, and the process goes on."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any

import pytest

from chassis.calls import Context
from chassis.ids import new_id
from chassis.wire import ACTOR, KEY, SECONDS_LEFT
from contracts.errors import Invalid, NotSignedIn, Unavailable
from local.processes import wait_for
from tests.faults.probe.contract import echo, mark_made
from tests.faults.probe.house import ProbeHouse, cloud_event

pytestmark = pytest.mark.requirement("G06")

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b'{"args": [',
    "not text": b"\xff\xfe\x00\x80",
    "a pickle": pickle.dumps({"args": (), "kwargs": {}}),
    "a number": b"1",
    "null": b"null",
    "a list": b"[]",
    "not a number": b'{"args": [], "kwargs": {"mark": NaN}}',
    "a huge number": b'{"args": [], "kwargs": {"mark": 1' + b"0" * 5000 + b"}}",
    "as deep as a well": b"[" * 100_000,
    "deeper within": b'{"args": [], "kwargs": {"mark": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
    "an object in disguise": b'{"args": [], "kwargs": {"mark": {"__type__": "datetime", "__value__": "x"}}}',
    "a lone surrogate": b'{"args": [], "kwargs": {"mark": "\\ud800"}}',
    "a NUL": b'{"args": [], "kwargs": {"mark": "\\u0000"}}',
    "too large": b'{"args": [], "kwargs": {"mark": "' + b"x" * 3_000_000 + b'"}}',
}
HEADERS: dict[str, dict[str, Any]] = {
    "a deadline that is none": {SECONDS_LEFT: "soon"},
    "a deadline beyond all time": {SECONDS_LEFT: "nan"},
    "a deadline of another kind": {SECONDS_LEFT: {"in": [1, 2]}},
    "a token that is none": {ACTOR: "a.b.c"},
    "a token of another kind": {ACTOR: 17},
    "a key of another kind": {KEY: {"a": 1}},
}
NO_TEXT = b"\xff\xfe"
SPOILED: dict[str, tuple[dict[str, Any], dict[str, Any], bytes]] = {
    "a call's id": ({}, {"correlation_id": NO_TEXT}, b"echo"),
    "an address": ({}, {"reply_to": NO_TEXT}, b"echo"),
    "half a character for an address": ({}, {"reply_to": "\udc80", "correlation_id": "\udc80"}, b"echo"),
    "a header": ({"x-said": NO_TEXT}, {}, b"echo"),
    "a header's name": ({"x-\udc80": 1}, {}, b"echo"),
    "a moment beyond all time": ({"x-when": dt.datetime.now(dt.UTC)}, {}, b"echo"),
    "an encoding": ({}, {"content_encoding": "unicode_escape"}, b"echo"),
    "a routing key": ({}, {}, NO_TEXT),
}
KINDS = ("application/json", "application/x-python-serialize", "application/data", "application/x-yaml")


def answers(probe: ProbeHouse) -> bool:
    """Before it comes to this question it may have much nonsense to read."""
    try:
        return probe.calls.ask(echo, {"text": "still there?"}) == {"text": "still there?"}
    except Unavailable:
        return False


def still_well(probe: ProbeHouse, pid: int) -> None:
    assert wait_for(lambda: answers(probe), 30), "it does not answer any more"
    assert probe.process("probe").pid == pid
    assert probe.process("probe").alive()


@pytest.mark.parametrize("reply_to", [None, "", "nobody", "amq.rabbitmq.reply-to.nobody"])
def test_a_poisonous_request_hurts_nobody_else(probe: ProbeHouse, times: int, reply_to: str | None) -> None:
    pid = probe.process("probe").pid
    told = {} if reply_to is None else {"reply_to": reply_to, "correlation_id": "1"}
    for _ in range(times):
        for kind in KINDS:
            bodies = [(body, {}) for body in BODIES.values()]
            probe.publish("nameko-rpc", "probe.make_mark", bodies, content_type=kind, **told)
        good = b'{"args": [], "kwargs": {"text": "hi"}}'
        probe.publish("nameko-rpc", "probe.echo", [(good, headers) for headers in HEADERS.values()], **told)
        probe.publish("nameko-rpc", "probe.no_such_door", [(good, {})], **told)
    still_well(probe, pid)
    assert probe.marks() == {}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_py_amqp_cannot_read_is_not_the_end_of_who_reads_it(
    probe: ProbeHouse, monkeypatch: pytest.MonkeyPatch, spoiled: str
) -> None:
    """It would come again to the process that is started in its place, and again."""
    monkeypatch.setattr("amqp.serialization.calendar.timegm", lambda _: 2**63 - 1)
    pid, parked, (headers, told, key) = probe.process("probe").pid, probe.parked(), SPOILED[spoiled]
    good = b'{"args": [], "kwargs": {"text": "hi"}}'
    bodies = [(body, headers) for body in (good, b"", b"\\ud800", b"x" * 3_000_000)]
    probe.publish("nameko-rpc", b"probe." + key, bodies, **told)
    event = cloud_event(mark_made, new_id()) | headers
    probe.publish("probe.events", b"mark.made", [(b"{", event), (b"", event)], **told)
    assert wait_for(lambda: probe.parked() == parked + 2, 30), probe.parked()
    still_well(probe, pid)


def test_a_refusal_that_quotes_half_a_character_is_told(probe: ProbeHouse) -> None:
    """More of them than there are workers: each that was not settled would take one for good."""
    pid = probe.process("probe").pid
    body = b'{"args": [], "kwargs": {"\\ud800": 1}}'
    told = {"reply_to": "amq.rabbitmq.reply-to.nobody", "correlation_id": "1"}
    probe.publish("nameko-rpc", "probe.echo", [(body, {})] * 40, **told)
    still_well(probe, pid)


def test_a_poisonous_event_is_parked_and_the_next_is_heard(probe: ProbeHouse, times: int) -> None:
    pid, parked = probe.process("probe").pid, probe.parked()
    good = cloud_event(mark_made, new_id())
    spoiled: list[dict[str, Any]] = [
        {},
        {name: value for name, value in good.items() if name != "ce-id"},
        good | {"ce-id": "x"},
        good | {"ce-id": 17},
        good | {"ce-time": "yesterday"},
        good | {"ce-source": "/rapport/elsewhere"},
        good | {"ce-subject": "me"},
        good | {"ce-sequence": "first"},
        good | {"ce-actor": "{"},
        good | {"ce-sequence": "first", "x-attempt": "often"},
        good | {"ce-sequence": "first", "x-attempt": -9},
        good | {"ce-sequence": "first", "x-attempt": 2**62},
    ]
    for n in range(times):
        bodies = [(body, cloud_event(mark_made, new_id())) for body in BODIES.values()]
        probe.publish("probe.events", "mark.made", bodies)
        probe.publish("probe.events", "mark.made", [(b'{"mark": "spoiled"}', headers) for headers in spoiled])
        probe.tell(mark_made, f"after the poison {n}")
    heard = {f"after the poison {n}" for n in range(times)}
    assert wait_for(lambda: heard <= probe.effects("follow").keys(), 30)
    assert wait_for(lambda: probe.parked() == parked + times * (len(BODIES) + len(spoiled)), 30), probe.parked()
    assert "spoiled" not in probe.effects("follow")
    still_well(probe, pid)


@pytest.mark.parametrize(
    "text", [{"__type__": "datetime", "__value__": "2026-01-01T00:00:00"}, {"__type__": "bytes", "__value__": "x"}]
)
def test_what_users_write_is_never_turned_into_an_object(probe: ProbeHouse, text: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        probe.calls.ask(echo, {"text": text})
    assert refusal.value.errors[0]["pointer"] == "/text"
    hidden = '{"__type__": "datetime", "__value__": "2026-01-01T00:00:00"}'
    assert probe.calls.ask(echo, {"text": hidden}) == {"text": hidden}


def test_a_request_that_is_too_large_is_refused_in_words(probe: ProbeHouse) -> None:
    with pytest.raises(Invalid, match="too large"):
        probe.calls.ask(echo, {"text": "x" * 3_000_000})


def test_a_forged_actor_is_refused(probe: ProbeHouse) -> None:
    with pytest.raises(NotSignedIn):
        probe.calls.ask(echo, {"text": "hi"}, Context(token="eyJhbGciOiJub25lIn0.eyJyb2xlIjoib3duZXIifQ."))
