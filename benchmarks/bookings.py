"""A hundred at once for ten places, beside the same hundred at once for a free place each."""

from __future__ import annotations

import datetime as dt
import statistics
import threading
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.http import Client
from benchmarks.results import Figure
from benchmarks.stage import Stage

PEOPLE = 100
PLACES = 10
SESSIONS = "/v1/scheduled-sessions"


def measure(stage: Stage, *, rounds: int = 7) -> list[Figure]:
    """Let the same people book over and over: all one session, then each a session of their own."""
    port = stage.house.gateway_port
    assert port is not None
    first = Client(port)
    people = [_somebody(first, n) for n in range(PEOPLE)]
    callers = [Client(port, first.token) for _ in people]
    crowded, apart = [], []
    for turn in range(rounds + 1):
        session = _session(first, PLACES, turn)
        seconds, states = _at_once(callers, people, [session] * PEOPLE)
        if Counter(states) != {"upcoming": PLACES, "waitlisted": PEOPLE - PLACES}:
            raise RuntimeError(f"{PLACES} places were given to {Counter(states)}")
        crowded.append(seconds)
        own = [_session(first, 1, turn) for _ in people]
        seconds, states = _at_once(callers, people, own)
        if set(states) != {"upcoming"}:
            raise RuntimeError(f"free places were given to {Counter(states)}")
        apart.append(seconds)
    together, single = (statistics.median(times[1:]) for times in (crowded, apart))  # the first round warms up
    remark = f"{PEOPLE / together:.0f}/s beside {PEOPLE / single:.0f}/s"
    name = f"{PEOPLE} at once for {PLACES} places, beside {PEOPLE} at once for free places"
    return [Figure(name, together / single, 2.0, remark, at_most=True)]


def _somebody(client: Client, number: int) -> str:
    email = {"value": f"guest.{number}.{time.time_ns()}@example.org"}
    person = {"kind": "person", "enter_as": "customer", "first_name": "Zoë", "last_name": f"Guest {number}"}
    return client.ask("POST", "/v1/contacts", person | {"emails": [email]})["id"]


def _session(client: Client, places: int, turn: int) -> str:
    starts = dt.datetime.now(dt.UTC) + dt.timedelta(days=2 + turn)
    planned = {"starts_at": starts.isoformat(), "ends_at": (starts + dt.timedelta(hours=1)).isoformat()}
    session = {"kind": "class", "title": "Yoga", "capacity": places}
    return client.ask("POST", SESSIONS, planned | session)["id"]


def _at_once(callers: Sequence[Client], people: Sequence[str], sessions: Sequence[str]) -> tuple[float, list[str]]:
    """The seconds until everybody has an answer, and the states answered."""
    states: list[str] = []
    gate = threading.Barrier(len(callers) + 1)

    def book(caller: Client, person: str, session: str) -> None:
        request: dict[str, Any] = {"session_id": session, "contact_id": person}
        gate.wait()
        # Asked again after a 503, the same key gets the same answer.
        states.append(caller.ask("POST", "/v1/bookings", request, key=f"{person} {session}")["state"])

    threads = [threading.Thread(target=book, args=one) for one in zip(callers, people, sessions, strict=True)]
    for thread in threads:
        thread.start()
    gate.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, states
