"""Standing by while the house runs: a process that leaves is started again, later each time, and it is said."""

from __future__ import annotations

import time
from typing import NoReturn

from local.house import House
from local.postgres import PostgreSQL
from local.processes import Process
from local.rabbitmq import RabbitMQ
from local.terminal import say

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
STEADY = 60.0
"""Having run so long, a process is forgiven its earlier crashes (seconds)."""


class Watch:
    """Looks at every process twice a second."""

    def __init__(self, house: House, postgresql: PostgreSQL | None, rabbitmq: RabbitMQ | None) -> None:
        self.house = house
        self.servers: dict[str, PostgreSQL | RabbitMQ] = {
            server.name: server for server in (postgresql, rabbitmq) if server is not None
        }
        self.pauses: dict[str, float] = {}
        self.due: dict[str, float] = {}
        self.started: dict[str, float] = {}

    def forever(self) -> NoReturn:
        """Until a signal ends it."""
        while True:
            for name, process in self._all().items():
                self._look(name, process, time.monotonic())
            time.sleep(0.5)

    def _all(self) -> dict[str, Process]:
        servers = {name: server.process for name, server in self.servers.items() if server.process}
        return {**servers, **self.house.processes}

    def _look(self, name: str, process: Process, now: float) -> None:
        if process.alive():
            if now - self.started.get(name, now) > STEADY:
                self.pauses.pop(name, None)
            return
        if name not in self.due:
            pause = self.pauses.get(name, FIRST_PAUSE)
            self.due[name], self.pauses[name] = now + pause, min(pause * 2, LONGEST_PAUSE)
            say(f"  {name} left with code {process.exit_code}; starting it again in {pause:.0f} s (log: {process.log})")
        elif now >= self.due[name]:
            del self.due[name]
            self.started[name] = now
            self._start(name)

    def _start(self, name: str) -> None:
        if name in self.servers:
            self.servers[name].start()
        else:
            self.house.start_one(name)
