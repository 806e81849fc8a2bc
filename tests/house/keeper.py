"""One PostgreSQL and one RabbitMQ for a whole run of pytest, kept by its main process and started on first use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from local import CHECKOUT
from local.forking import Nursery
from local.house import environment
from local.installing import ensure_rabbitmq
from local.postgres import FAST_BUT_NOT_FOR_POWER_CUTS, PostgreSQL
from local.processes import boot_id, started_at, still_runs, stop_leftovers, wait_for
from local.rabbitmq import RabbitMQ
from local.secrets import kept_secret

PREFIX = "rapport-tests-"
FOLDER = "RAPPORT_TESTS_FOLDER"
START, QUIT = b"s", b"q"


@dataclass(frozen=True)
class Servers:
    """Where the run's servers are; houses are cloned of the migrated databases `template_<service>`."""

    folder: str
    database_url: str
    amqp_uri: str
    management_url: str
    secret: str

    def database(self, name: str) -> str:
        """The base URL of a house's databases."""
        return self.database_url.rpartition("/")[0] + f"/{name}"

    def virtual_host(self, name: str) -> str:
        """The URI of a virtual host."""
        return self.amqp_uri.rpartition("/")[0] + f"/{name}"


class Keeper:
    """Waits in a thread for the first test that wants servers, starts them, and takes them down at the end.

    The thread lives as long as the servers: the kernel stops them with the thread that started them, so that a
    kill -9 of pytest leaves nothing behind but a folder, which the next run sweeps away.
    """

    def __init__(self) -> None:
        sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        self.folder.chmod(0o711)  # PostgreSQL walks through it as a user of its own
        owner = {"pid": os.getpid(), "started": started_at(os.getpid()), "boot": boot_id()}
        (self.folder / "owner.json").write_text(json.dumps(owner))
        os.mkfifo(self.folder / "bell")
        os.environ[FOLDER] = str(self.folder)
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        bell = os.open(self.folder / "bell", os.O_RDWR)
        started = False
        while os.read(bell, 1) == START:
            if not started:
                self._tell(self._start_servers)
                started = True
        stop_leftovers(self.folder, seconds=0)

    def _tell(self, start) -> None:
        told = self.folder / "servers.json"
        try:
            answer = asdict(start())
        except BaseException as trouble:  # whoever waits in a test has to hear of it
            answer = {"trouble": f"{type(trouble).__name__}: {trouble}"}
        told.with_suffix(".new").write_text(json.dumps(answer))
        told.with_suffix(".new").rename(told)

    def _start_servers(self) -> Servers:
        ensure_rabbitmq()
        rabbitmq = RabbitMQ(self.folder, management=True)
        postgresql = PostgreSQL(self.folder, settings=FAST_BUT_NOT_FOR_POWER_CUTS)
        rabbitmq.start()
        postgresql.prepare()
        postgresql.start()
        postgresql.wait()
        rabbitmq.wait()
        servers = Servers(
            folder=str(self.folder),
            database_url=postgresql.url,
            amqp_uri=rabbitmq.uri,
            management_url=rabbitmq.management_url,
            secret=kept_secret(self.folder / "signing.secret", length=48),
        )
        env = environment(database_url=servers.database("template"), amqp_uri=rabbitmq.uri, secret=servers.secret)
        prepare(env, "chassis.migrate")
        return servers

    def close(self) -> None:
        """Stop the servers and forget their data."""
        bell = os.open(self.folder / "bell", os.O_RDWR)
        os.write(bell, QUIT)
        self._thread.join(60)
        os.close(bell)
        shutil.rmtree(self.folder, ignore_errors=True)


def prepare(env: dict[str, str], module: str, *arguments: str) -> None:
    """Run what brings a house's databases to the newest form and declares its queues."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, env=env, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stdout}{done.stderr}")


@cache
def nursery_of(servers: Servers) -> Nursery:
    """This worker's nursery: what all houses of a worker import is imported once."""
    folder = Path(servers.folder) / f"nursery-{os.getpid()}"
    folder.mkdir()
    return Nursery(folder, environment(), modules=["chassis.migrate"])


def running_servers(seconds: float = 180) -> Servers:
    """The run's servers, from any worker; started now if nobody wanted them before."""
    folder = Path(os.environ[FOLDER])
    bell = os.open(folder / "bell", os.O_RDWR)
    os.write(bell, START)
    told = folder / "servers.json"
    if not wait_for(told.exists, seconds):
        raise RuntimeError(f"the servers of the tests were not ready after {seconds} s; see {folder}/log")
    os.close(bell)
    answer = json.loads(told.read_text())
    if "trouble" in answer:
        raise RuntimeError(f"the servers of the tests did not start: {answer['trouble']}")
    return Servers(**answer)


def sweep() -> None:
    """Remove what runs of earlier days left behind when they were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        try:
            owner = json.loads((folder / "owner.json").read_text())
        except (OSError, ValueError):
            continue
        if not still_runs(owner):
            for run in folder.rglob("run"):
                stop_leftovers(run.parent, seconds=2)
            shutil.rmtree(folder, ignore_errors=True)
