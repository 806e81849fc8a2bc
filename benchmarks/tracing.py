"""What traces cost: gateway and contacts with a collector named, beside the same without; both on one database.

The side that traces has a broker of its own, so that neither takes the other's requests. The collector,
`python -m benchmarks.tracing PORT`, takes what it is sent and thinks no more of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from timeit import timeit

from benchmarks import sides
from benchmarks.http import CALLERS, Client, reader, writer
from benchmarks.measuring import Contestant, Series, race
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.tracing import Untraced
from contracts.contacts.people import get_contact
from local import CHECKOUT
from local.house import answers
from local.ports import LOOPBACK, free_port
from local.processes import Process, stop_all, wait_for
from local.rabbitmq import RabbitMQ

PERSON = {"kind": "person", "enter_as": "customer", "first_name": "Zoë", "last_name": "Traced"}
SIDES = "plain", "traced"
OFF = 0.01
TIMES = 100_000


def measure(stage: Stage, *, calls: int = 250, rounds: int = 5) -> list[Figure]:
    """Race the two sides to read and to write a contact, while nobody listens to what is written."""
    answering = [stage.house.processes[name].pid for name in ("gateway", "contacts-rpc")]
    with sides.unheard(stage), _traced(stage) as (port, pids):
        ports = {"plain": (stage.house.gateway_port or 0, answering), "traced": (port, pids)}
        client = Client(ports["plain"][0])
        path = "/v1/contacts/" + client.ask("POST", "/v1/contacts", PERSON)["id"]
        found = {}
        for what, begin, where in (("GET", reader, path), ("POST", writer, "/v1/contacts")):
            racers = [
                Contestant(side, begin(at, client.token, where), [*processes, *stage.servers.values()])
                for side, (at, processes) in ports.items()
            ]
            name = f"{what} {where.replace(path, '/v1/contacts/{id}')}"
            found[name] = race(racers, callers=CALLERS, calls=calls, rounds=rounds)
    read = found["GET /v1/contacts/{id}"]
    return [figure for name, series in found.items() for figure in _figures(name, series)] + [_off(read["plain"])]


def _figures(what: str, found: dict[str, Series]) -> list[Figure]:
    plain, traced = (found[side] for side in SIDES)
    each = f"{traced.cpu_each * 1000:.1f} ms of CPU beside {plain.cpu_each * 1000:.1f}"
    return [
        Figure(f"{what} with traces, beside without", traced.beside(plain), None, f"{traced.rate:.0f}/s"),
        Figure(f"CPU of {what} with traces, beside without", traced.cpu_beside(plain), None, each),
    ]


def _off(read: Series) -> Figure:
    """What is called for the traces of a GET while they are off, beside all the CPU that it takes."""
    traces = Untraced()

    def a_read() -> None:
        with traces.requested("GET", "/v1/contacts/<contact_id>", None), traces.asking([get_contact]):
            traces.traceparent(None)
            with traces.answering(get_contact, None):
                traces.outcome("ok", failed=False)
        traces.answered(200)

    each = timeit(a_read, number=TIMES) / TIMES
    share, remark = each / read.cpu_each, f"{each * 1e6:.1f} µs of {read.cpu_each * 1e6:.0f}"
    return Figure("traces that are off, of the CPU of GET /v1/contacts/{id}", share, OFF, remark, at_most=True)


@contextmanager
def _traced(stage: Stage) -> Iterator[tuple[int, list[int]]]:
    """A gateway and contacts that trace every request, and the process ids of both."""
    port, collector, broker = free_port(), free_port(), RabbitMQ(stage.folder, name="rabbitmq-traced")
    broker.start()
    broker.wait()
    told = {"RAPPORT_AMQP_URI": broker.uri, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{LOOPBACK}:{collector}"}
    commands = {
        "collector": ["-m", "benchmarks.tracing", str(collector)],
        "contacts-traced": ["-m", "chassis.run", "contacts", "--role", "rpc"],
        "gateway-traced": [
            "-m", "gunicorn", "-c", "gateway/gunicorn.py", "--bind", f"{LOOPBACK}:{port}", "gateway.app:app",
        ],
    }  # fmt: skip
    started = [
        Process(name, [sys.executable, *command], stage.folder, env=stage.env | told, cwd=CHECKOUT).start()
        for name, command in commands.items()
    ]
    try:
        if not wait_for(lambda: answers(f"http://{LOOPBACK}:{port}/readyz"), 180):
            raise RuntimeError("the gateway that traces does not answer")
        yield port, [process.pid for process in started[1:]]
    finally:
        stop_all(started)
        broker.kill()


class Taking(BaseHTTPRequestHandler):
    """Says yes to whatever comes."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer((LOOPBACK, int(sys.argv[1])), Taking).serve_forever()
