"""The whole system for a benchmark: private servers, and the house as `./rapport up` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.measuring import cpu_seconds
from local import CHECKOUT
from local.house import House, environment
from local.installing import ensure_rabbitmq
from local.mail import start_catcher
from local.owner import ensure_owner
from local.ports import LOOPBACK, free_port
from local.postgres import PostgreSQL
from local.processes import stop_leftovers, wait_for
from local.rabbitmq import RabbitMQ

CROWD = 100_000
MINUTES = 10.0
LOOK_SECONDS = 2
AT_REST = 0.2
"""CPU seconds a second of all processes together that are no work, but timers and looks."""
CALM_WITHIN = 1200
LARGEST_FILE = 1024**3
"""Bytes: as many rows fit as anybody would have imported."""
OWNER, PASSWORD = "owner@example.org", "a password for benchmarks"


@dataclass(frozen=True)
class Stage:
    """Where everything is; `pids` names each process of the house and the servers."""

    folder: Path
    env: dict[str, str]
    house: House
    servers: dict[str, int]
    broker: RabbitMQ
    crowd: int = CROWD
    """So many contacts are looked for, and imported, and segments are of."""
    minutes: float = MINUTES
    """So long a load is kept on while one looks whether anything grows."""

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by name, servers included."""
        return {name: process.pid for name, process in self.house.processes.items()} | self.servers

    def calm(self) -> None:
        """Wait until the house has digested what was told it: what it is still at would weigh on the next section."""

        def at_rest() -> bool:
            used = cpu_seconds(list(self.pids.values()))
            time.sleep(LOOK_SECONDS)
            return cpu_seconds(list(self.pids.values())) - used < AT_REST * LOOK_SECONDS

        if not wait_for(at_rest, CALM_WITHIN, every=0.1):
            raise RuntimeError(f"the house is still at work after {CALM_WITHIN} s")


@contextmanager
def stage(crowd: int = CROWD, minutes: float = MINUTES) -> Iterator[Stage]:
    """Set everything up, and take it down again whatever happens."""
    ensure_rabbitmq()
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # PostgreSQL walks through it as a user of its own
        rabbitmq, postgresql = RabbitMQ(folder), PostgreSQL(folder)
        try:
            rabbitmq.start()
            postgresql.prepare()
            postgresql.start()
            _, smtp = start_catcher(folder)
            postgresql.wait()
            rabbitmq.wait()
            port = free_port()
            env = environment(
                database_url=postgresql.url,
                amqp_uri=rabbitmq.uri,
                secret="a secret for benchmarks, long enough to be one",
                storage=str(folder / "files"),
                public_url=f"http://{LOOPBACK}:{port}",
                smtp_url=smtp,
                mail_from="Rapport <hello@rapport.example>",
                rate_limits="off",
            )
            env["RAPPORT_LARGEST_FILE"] = str(LARGEST_FILE)
            os.environ.update(env)
            subprocess.run([sys.executable, "-m", "chassis.migrate"], env=env, cwd=CHECKOUT, check=True)
            house = House(folder, env, gateway_port=port)
            house.start().wait(90)
            ensure_owner(env, OWNER, PASSWORD)
            servers = {"rabbitmq": _pid_of(rabbitmq), "postgresql": postgresql.process.pid}  # type: ignore[union-attr]
            yield Stage(folder, env, house, servers, rabbitmq, crowd, minutes)
            house.stop()
        finally:
            stop_leftovers(folder)


def _pid_of(rabbitmq: RabbitMQ) -> int:
    """The id of the node itself: its start script waits beside it."""
    script = psutil.Process(rabbitmq.process.pid)  # type: ignore[union-attr]
    nodes = [child for child in script.children(recursive=True) if child.name().startswith("beam")]
    return nodes[0].pid if nodes else script.pid
