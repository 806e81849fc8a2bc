"""The processes of the house: which there are, what each is told, and when all of them are ready."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path

from local import CHECKOUT, SERVICES, Trouble
from local.forking import Forked, Nursery
from local.ports import LOOPBACK, accepts, free_port
from local.processes import Process, stop_all, wait_for

APART: dict[str, tuple[str, ...]] = {
    "contacts": ("rpc", "events", "jobs"),
    **dict.fromkeys(SERVICES[1:], ("rpc", "events,jobs")),
}
"""Which roles get a process of their own when the whole house runs; a flood of events never holds up a request."""
TOGETHER: dict[str, tuple[str, ...]] = dict.fromkeys(SERVICES, ("all",))
"""One process a service, for tests."""


def environment(**told: str) -> dict[str, str]:
    """What every process is told: `RAPPORT_<NAME>` for each keyword, on top of our own environment."""
    paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    base = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
    base["EVENTLET_NO_GREENDNS"] = "yes"  # everything is on the loopback; importing dnspython takes a fifth of a second
    return base | {f"RAPPORT_{name.upper()}": value for name, value in told.items()}


class House:
    """The services, and the gateway if it has a port, as processes of one folder and one environment.

    With a nursery the services are forked from it, which is much faster; without, each is started by itself.
    """

    def __init__(
        self,
        folder: Path,
        env: Mapping[str, str],
        *,
        roles: Mapping[str, Iterable[str]] = APART,
        gateway_port: int | None = None,
        nursery: Nursery | None = None,
        checkout: Path = CHECKOUT,
    ) -> None:
        self.folder = folder
        self.env = dict(env)
        self.roles = {service: tuple(roles[service]) for service in roles}
        self.gateway_port = gateway_port
        self.front: int | None = None
        """The port that people come to while another gateway starts beside the one that they know."""
        self.nursery = nursery
        self.checkout = checkout
        self.processes: dict[str, Process] = {}
        self.health_ports: dict[str, int] = {}

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.front or self.gateway_port}"

    def names(self) -> list[str]:
        """`contacts-rpc`, `pipeline-events-jobs`, …, `gateway`."""
        names = [process_name(service, role) for service, roles in self.roles.items() for role in roles]
        return names + (["gateway"] if self.gateway_port else [])

    def start(self) -> House:
        """Start every process, without waiting."""
        for name in reversed(self.names()):  # the gateway first: it takes longest when services are forked
            self.start_one(name)
        return self

    def start_one(self, name: str) -> Process:
        """Start (again) the process of that name."""
        process = self._gateway() if name == "gateway" else self._service(name)
        self.processes[name] = process
        return process.start()

    def start_beside(self, name: str) -> Process:
        """Start another process of that name, and give the one that runs, which is to leave when the new one works."""
        before = self.processes[name]
        self.health_ports.pop(name, None)
        if name == "gateway":
            self.front, self.gateway_port = self.gateway_port, free_port()
        process = self._gateway() if name == "gateway" else self._service(name)
        process.record = process.record.with_stem(f"{before.record.stem}-next")
        self.processes[name] = process
        process.start()
        return before

    def _service(self, name: str) -> Process:
        service, _, role = name.partition("-")
        port = self.health_ports.setdefault(name, free_port())
        arguments = [service, "--role", role.replace("-", ",")]
        env = self.env | {"RAPPORT_HEALTH_PORT": str(port)}
        if self.nursery is not None:
            return Forked(name, arguments, self.folder, env=env, nursery=self.nursery)
        command = [sys.executable, "-m", "chassis.run", *arguments]
        return Process(name, command, self.folder, env=env, cwd=self.checkout)

    def _gateway(self) -> Process:
        bind = f"{LOOPBACK}:{self.gateway_port}"
        # A browser's idle connection is a request to gunicorn: on a laptop nobody waits 20 s for it after Ctrl-C.
        options = ["-c", "gateway/gunicorn.py", "--bind", bind, "--graceful-timeout", "6"]
        command = [sys.executable, "-m", "gunicorn", *options, "gateway.app:app"]
        return Process("gateway", command, self.folder, env=self.env, cwd=self.checkout)

    def ready(self, name: str) -> bool:
        """Say whether a process does its work."""
        if name == "gateway":
            return self.gateway_port is not None and answers(f"http://{LOOPBACK}:{self.gateway_port}/readyz")
        port = self.health_ports[name]
        return accepts(port) and answers(f"http://{LOOPBACK}:{port}/readyz")

    def wait(self, seconds: float = 60, names: Iterable[str] | None = None) -> None:
        """Wait until all (or those) are ready; one that died, or the time running out, is trouble with its log."""
        waiting = list(names if names is not None else self.names())

        def look() -> bool:
            for name in list(waiting):
                if not self.processes[name].alive():
                    raise Trouble(f"{name} did not start:\n{self.processes[name].tail()}")
                if self.ready(name):
                    waiting.remove(name)
            return not waiting

        if not wait_for(look, seconds, every=0.1):
            tails = "\n".join(f"--- {name}\n{self.processes[name].tail(8)}" for name in waiting)
            raise Trouble(f"not ready after {seconds:.0f} s: {', '.join(waiting)}\n{tails}")

    def stop(self, seconds: float = 25) -> None:
        """Let every process finish what it has in hand."""
        stop_all(list(self.processes.values()), seconds)


def process_name(service: str, role: str) -> str:
    """What a process is called on the terminal and in the log folder."""
    return f"{service}-{role.replace(',', '-')}"


def answers(url: str) -> bool:
    """Say whether a URL answers 2xx within a second or so."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return 200 <= answer.status < 300
    except (OSError, urllib.error.URLError):
        return False
