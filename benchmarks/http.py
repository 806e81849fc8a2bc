"""The gateway's answers beside the same view straight on the database, and beside a stock nameko hop.

The ways share gunicorn, the view, token check, permission, ETag and access log, and take turns in short rounds.
`straight` is our own action in the gateway's process: the floor. `stock` is a nameko service as its documentation shows
how to write one (`benchmarks.stock` says what it does and does not do), asked by nameko's standalone proxy kept open;
`hop` is the same service, but it reads by our own action. A write is over when a listener has put the contact on the
timeline, ours and theirs alike; and once more with nobody listening, when the broker has confirmed the event.
"""

from __future__ import annotations

import http.client
import itertools
import json
import socket
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from kombu import Connection, Consumer, Exchange, Queue

from benchmarks import sides
from benchmarks.measuring import Contestant, race
from benchmarks.results import Figure
from benchmarks.stage import OWNER, PASSWORD, Stage
from benchmarks.watching import Outbox, Timeline
from chassis.calls import Calls, Context
from chassis.config import settings
from contracts.contacts import people
from local.ports import LOOPBACK
from local.processes import wait_for

WAYS = {"ours": "/v1/contacts", "straight": "/v1/straight/contacts", "stock": "/v1/stock/contacts"}
CALLERS = 8
TRIES = 3
_numbers = itertools.count(1)


class Client:
    """One kept-alive connection to the gateway, signed in."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._connection = http.client.HTTPConnection(LOOPBACK, port, timeout=10)
        self._headers = {"Content-Type": "application/json"}
        self.token = token or self.ask("POST", "/v1/sessions", {"email": OWNER, "password": PASSWORD})["access_token"]
        self._headers["Authorization"] = f"Bearer {self.token}"

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Ask, again when told to wait, and give the JSON that is answered; anything but 2xx is an error."""
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        for _ in range(TRIES):
            self._connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self._connection.getresponse()
            told = answer.read()
            if answer.status != 503:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {told[:500]!r}")
        return json.loads(told)


def measure(stage: Stage, *, calls: int = 400, rounds: int = 9) -> list[Figure]:
    """Race the three ways to read and to write a contact; then time the event behind a write."""
    with sides.unheard(stage), sides.servers(stage) as (port, pids), Outbox() as outbox:
        first = _first_client(port)
        contact = first.ask("POST", "/v1/contacts", _somebody())["id"]
        reads = [
            Contestant(way, reader(port, first.token, f"{path}/{contact}"), pids)
            for way, path in {**WAYS, "hop": "/v1/hop/contacts"}.items()
        ]
        read = race(reads, callers=CALLERS, calls=calls, rounds=rounds)
        unheard = race(
            _writes(port, first.token, pids, outbox.told, "ours"),
            callers=CALLERS, calls=calls, rounds=rounds // 2, calm=outbox.told,
        )  # fmt: skip
        trips = _event_in_round_trips(Client(port, first.token))
        with sides.listeners(stage) as more, Timeline() as timeline:
            write = race(
                _writes(port, first.token, [*pids, *more], timeline.complete, "ours", "stock"),
                callers=CALLERS, calls=calls, rounds=rounds, calm=timeline.complete,
            )  # fmt: skip
    figures = []
    for what, found in (("GET /v1/contacts/{id}", read), ("POST /v1/contacts", write)):
        ours, straight, stock = (found[way] for way in ("ours", "straight", "stock"))
        cpu = f"{ours.cpu_each * 1000:.1f} ms of CPU beside {stock.cpu_each * 1000:.1f}"
        figures += [
            Figure(f"{what}, beside the row straight from PostgreSQL", ours.beside(straight), 0.4,
                   f"{ours.rate:.0f}/s"),
            Figure(f"{what}, beside a stock nameko hop", ours.beside(stock), 1.8, cpu),
        ]  # fmt: skip
    hop, alone = read["ours"].beside(read["hop"]), unheard["ours"].beside(unheard["stock"])
    figures.insert(2, Figure("GET /v1/contacts/{id}, beside a stock nameko hop to our own statement", hop, None))
    figures.append(Figure("POST /v1/contacts, beside a stock nameko hop, and nobody listens", alone, None))
    return [*figures, Figure("from a POST's 201 to its event at a subscriber, in RPC round trips", trips, None)]


def _writes(port: int, token: str, pids: list[int], finish: Callable[[], object], *finishing: str) -> list[Contestant]:
    return [
        Contestant(way, writer(port, token, path), pids, finish if way in finishing else int)
        for way, path in WAYS.items()
    ]


def _first_client(port: int) -> Client:
    made: list[Client] = []

    def signed_in() -> bool:
        try:
            client = Client(port)
            some = client.ask("POST", "/v1/contacts", _somebody())
            made.append(client)
            return bool(client.ask("GET", f"/v1/stock/contacts/{some['id']}"))
        except (OSError, http.client.HTTPException, RuntimeError):
            return False

    if not wait_for(signed_in, 30):
        raise RuntimeError("the gateway or the stock service does not answer")
    return made[-1]


def _somebody() -> dict[str, Any]:
    number = next(_numbers)
    return {
        "kind": "person",
        "enter_as": "customer",
        "first_name": "Zoë",
        "last_name": f"Number {number}",
        "emails": [{"value": f"zoe.{number}.{time.time_ns()}@example.org", "label": "home"}],
    }


class Wire:
    """A kept-alive connection that sends prepared bytes and reads little: a client that costs next to nothing."""

    def __init__(self, port: int, token: str) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), timeout=10)
        self._head = f"Host: {LOOPBACK}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The bytes of a request."""
        return f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def ask(self, request: bytes) -> None:
        """Send, and read the whole answer; anything but 2xx is an error."""
        self._socket.sendall(request)
        told = b""
        while b"\r\n\r\n" not in told:
            told += self._received()
        head, _, body = told.partition(b"\r\n\r\n")
        left = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]) - len(body)
        while left > 0:
            left -= len(self._received())
        if not head.startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{request[:80]!r}: {told[:500]!r}")

    def _received(self) -> bytes:
        piece = self._socket.recv(65536)
        if not piece:
            raise ConnectionError("the gateway closed the connection")
        return piece


def reader(port: int, token: str, path: str) -> Callable[[], Callable[[], object]]:
    def begin() -> Callable[[], object]:
        wire = Wire(port, token)
        request = wire.request("GET", path)
        return lambda: wire.ask(request)

    return begin


def writer(port: int, token: str, path: str) -> Callable[[], Callable[[], object]]:
    def begin() -> Callable[[], object]:
        wire = Wire(port, token)
        return lambda: wire.ask(wire.request("POST", path, json.dumps(_somebody()).encode()))

    return begin


def _event_in_round_trips(client: Client, times: int = 60) -> float:
    """The median wait for `contact.created` after the 201, in median round trips of `contacts.get_contact`."""
    arrived: dict[str, float] = {}
    with Connection(settings().amqp_uri, heartbeat=0) as connection:
        queue = Queue("", Exchange("contacts.events", "topic", durable=True), "contact.created", exclusive=True)

        def heard(body: Any, message: Any) -> None:
            arrived[message.headers["ce-subject"]] = time.perf_counter()

        with Consumer(connection, queue, callbacks=[heard], no_ack=True):
            enough = threading.Event()
            thread = threading.Thread(target=_listen, args=(connection, enough))
            thread.start()
            waits = []
            for _ in range(times):
                contact_id = client.ask("POST", "/v1/contacts", _somebody())["id"]
                answered = time.perf_counter()
                if not wait_for(partial(arrived.__contains__, contact_id), 20, every=0.0005):
                    raise RuntimeError("an event did not arrive")
                waits.append(max(0.0, arrived[contact_id] - answered))
            enough.set()
            thread.join()
    return statistics.median(waits) / round_trip(contact_id, client.token)


def _listen(connection: Connection, enough: threading.Event) -> None:
    while not enough.is_set():
        with suppress(TimeoutError):
            connection.drain_events(timeout=0.5)


def round_trip(contact_id: str, token: str, times: int = 200) -> float:
    """Seconds of one RPC, the median."""
    from chassis.actor import sign

    calls = Calls(settings().amqp_uri)
    context = Context(token=sign(settings().secret, id="service:benchmark", role="service"))
    took = []
    for _ in range(times):
        started = time.perf_counter()
        calls.ask(people.get_contact, {"contact_id": contact_id}, context)
        took.append(time.perf_counter() - started)
    calls.close()
    return statistics.median(took)
