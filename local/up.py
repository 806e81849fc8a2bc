"""The verb `up`: servers, databases, services, gateway and demo data, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

from local import SERVICES, Trouble
from local.forking import Nursery
from local.house import House, environment
from local.installing import ensure_rabbitmq
from local.mail import start_catcher
from local.migrating import Migrating
from local.owner import Owner, let_the_owner_in
from local.ports import LOOPBACK, is_free
from local.postgres import PostgreSQL
from local.processes import Process, stop_all, stop_leftovers
from local.rabbitmq import RabbitMQ
from local.running import alone_in, default_folder, kept_port, tell_settings
from local.secrets import kept_secret
from local.terminal import say, step
from local.watch import Watch
from local.welcome import fill_with_demo_data


class Stopped(BaseException):
    """Ctrl-C or SIGTERM: leave in order."""


def up(arguments: Sequence[str]) -> int:
    """Run everything until told to stop; answer with the exit code."""
    parser = argparse.ArgumentParser(prog="./rapport up")
    parser.add_argument("--port", type=int, default=8080, help="port of the gateway (8080)")
    parser.add_argument("--data", type=Path, default=default_folder(), help="folder of everything kept (.rapport)")
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="leave the demo data out")
    options = parser.parse_args(arguments)
    with alone_in(options.data.expanduser().resolve()) as folder:
        launcher = Launcher(folder, options.port, demo=options.demo)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        try:
            launcher.run()
        except Stopped:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # once is enough; what follows must not be cut short
        finally:
            launcher.stop()
    return 0


def _stop(number: int, frame: object) -> None:
    raise Stopped


class Launcher:
    """One run of `./rapport up`: everything that it started is in here, and is stopped with it."""

    def __init__(self, folder: Path, port: int, *, demo: bool) -> None:
        self.folder = folder
        self.port = port
        self.demo = demo
        self.began = time.monotonic()
        self.postgresql: PostgreSQL | None = None
        self.rabbitmq: RabbitMQ | None = None
        self.mail: Process | None = None
        self.house: House | None = None
        self.nursery: Nursery | None = None

    def run(self) -> None:
        """Bring everything up, then watch over it for ever."""
        self._clear_the_ground()
        self._start_servers()
        env = self._tell()
        self.nursery = Nursery(self.folder, env)
        self.nursery.start()  # it imports while the servers start
        self.house = House(self.folder, env, gateway_port=self.port, nursery=self.nursery)
        migrating = Migrating(self.folder, env)
        if migrating.needed() or not (self.postgresql and self.rabbitmq):
            self._wait_for_servers()
            with step(f"{len(SERVICES)} databases at their newest form, queues declared"):
                migrating.run()
            began = time.monotonic()
            self.house.start()
        else:  # nothing changed since the last start: the services may start beside the servers, and wait for them
            began = time.monotonic()
            self.house.start()
            self._wait_for_servers()
        with step("five services and the gateway", since=began) as line:
            self.house.wait(90)
            line.note = f"({len(self.house.processes)} processes)"
        owner = let_the_owner_in(self.folder, env)
        say(f"  sign in: {owner.sentence}")
        self._fill_with_demo_data(env, owner)
        say(f"  logs in {self.folder / 'log'}" + (f", e-mail in {self.folder / 'mail'}" if self.mail else ""))
        say(f"ready {self.house.url}")
        Watch(self.house, self.postgresql, self.rabbitmq).forever()

    def _clear_the_ground(self) -> None:
        left = stop_leftovers(self.folder)
        if left:
            say(f"  stopped what an earlier start left behind: {', '.join(left)}")
        if not is_free(self.port):
            raise Trouble(f"port {self.port} is taken; ./rapport up --port N takes another")

    def _start_servers(self) -> None:
        if "RAPPORT_AMQP_URI" not in os.environ:
            began = time.monotonic()
            if ensure_rabbitmq():
                with step("installed rabbitmq-server", since=began):
                    pass
            self.rabbitmq = RabbitMQ(self.folder)
            self.rabbitmq.start(kept_port(self.folder, "rabbitmq"))
        if "RAPPORT_DATABASE_URL" not in os.environ:
            self.postgresql = PostgreSQL(self.folder)
            self.postgresql.prepare()
            self.postgresql.start(kept_port(self.folder, "postgresql"))

    def _tell(self) -> dict[str, str]:
        told = {
            "secret": os.environ.get("RAPPORT_SECRET") or kept_secret(self.folder / "signing.secret", length=48),
            "storage": os.environ.get("RAPPORT_STORAGE", str(self.folder / "files")),
            "public_url": os.environ.get("RAPPORT_PUBLIC_URL", f"http://{LOOPBACK}:{self.port}"),
            "mail_from": os.environ.get("RAPPORT_MAIL_FROM", "Rapport <hello@rapport.example>"),
        }
        if self.postgresql:
            told["database_url"] = self.postgresql.url
        if self.rabbitmq:
            told["amqp_uri"] = self.rabbitmq.uri
        if "RAPPORT_SMTP_URL" not in os.environ:
            self.mail, told["smtp_url"] = start_catcher(self.folder)
        env = environment(**told)
        tell_settings(self.folder, env)
        return env

    def _wait_for_servers(self) -> None:
        if self.postgresql:
            with step("PostgreSQL 18, private", since=self.began) as line:
                self.postgresql.wait()
                line.note = f"on {LOOPBACK}:{self.postgresql.port}"
        if self.rabbitmq:
            with step("RabbitMQ, private", since=self.began) as line:
                self.rabbitmq.wait()
                line.note = f"on {LOOPBACK}:{self.rabbitmq.port}"

    def _fill_with_demo_data(self, env: dict[str, str], owner: Owner) -> None:
        if not self.demo or self.house is None:
            return
        try:
            fill_with_demo_data(self.folder, self.house.url, env, owner)
        except Trouble as trouble:  # the house is of use without a demo
            say(f"  {trouble}\n  the next start tries again")

    def stop(self) -> None:
        """Stop what this launcher started: the front first, the servers last."""
        servers = [self.postgresql and self.postgresql.process, self.rabbitmq and self.rabbitmq.process]
        started = [*(self.house.processes.values() if self.house else []), *([self.mail] if self.mail else [])]
        with step("stopped everything") as line:
            killed = stop_all(started, 25)
            if self.nursery:
                self.nursery.stop()
            killed += stop_all([process for process in servers if process])
            if self.rabbitmq and self.rabbitmq.epmd:
                self.rabbitmq.epmd.stop()
            line.note = f"(killed: {', '.join(killed)})" if killed else ""
