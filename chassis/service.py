"""A service: the sum of its rooms, and what they share in one process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider
from sqlalchemy.orm import Session

from chassis import housekeeping, jobs, log, metrics, tracing
from chassis.actor import Doorman, Signer
from chassis.bell import EVENTS, JOBS, Bell, Ear
from chassis.calls import Calls
from chassis.config import Settings
from chassis.consumer import Consumer
from chassis.database import engine_for
from chassis.entrypoints import Room, serves, ticks
from chassis.health import HealthServer
from chassis.relay import Relaying
from contracts import jobs as jobs_contract, log as log_contract
from contracts.language import Schema

ROLES = ("rpc", "events", "jobs")


class Runtime:
    """What one process of a service has one of: engine, callers, clock."""

    def __init__(self, service: str, settings: Settings, roles: tuple[str, ...] = ROLES) -> None:
        self.service, self.settings, self.roles = service, settings, roles
        self.doorman = Doorman(settings.secret, accepted=settings.secrets_accepted)
        self.token: Callable[[], str] = Signer(settings.secret, service).token
        self.calls = Calls(settings.amqp_uri, asker=service)
        self.consumers: dict[str, Consumer] = {}
        self.queues: list[str] = []
        """Of the listeners, whether this process plays them or not."""
        self.timers: dict[str, float] = {}
        """How many seconds lie between two runs of each timer."""
        self.at_work: Callable[[], int] | None = None
        """How many RPCs this process is at, where it answers any."""
        self.clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
        self._schemas: dict[type[Schema], Schema] = {}
        name = f"rapport {service} {'+'.join(roles)}"
        self.engine = engine_for(
            settings.database_url_of(service),
            pool=settings.workers + 4,
            name=name,
            waited=metrics.of(metrics.POOL_WAIT, service),
        )
        if tracing.traces.on:
            from chassis.statements import watch

            watch(self.engine, tracing.traces.tracer)
        self.reading_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @cached_property
    def bell(self) -> Bell:
        """Tells every process of this service that there is something to do."""
        return Bell(self.engine)

    @cached_property
    def ear(self) -> Ear:
        """Hears the bell."""
        channels = {"events": EVENTS, "jobs": JOBS}
        mine = (channel for role, channel in channels.items() if role in self.roles)
        return Ear(self.settings.database_url_of(self.service), *mine)

    def ring(self, *channels: str) -> None:
        """Say that events or jobs were committed."""
        self.bell.ring(*channels)

    def writer(self) -> Session:
        """A session whose transaction the caller commits."""
        return Session(self.engine, expire_on_commit=False)

    def reader(self) -> Session:
        """A session in which every statement stands alone: cheaper, and nothing to commit."""
        return Session(self.reading_engine, expire_on_commit=False, autoflush=False)

    def schema(self, kind: type[Schema]) -> Schema:
        """The one instance of a schema: making one takes longer than using it."""
        schema = self._schemas.get(kind)
        if schema is None:
            schema = self._schemas[kind] = kind()
        return schema

    def breathe(self) -> None:
        """Let other green threads run."""
        eventlet.sleep(0)


class RuntimeProvider(DependencyProvider):
    """Puts the process's runtime into each worker."""

    def get_dependency(self, worker_ctx: Any) -> Runtime:
        """The same for every worker."""
        return self.container.config["runtime"]

    def stop(self) -> None:
        """Let go of connections."""
        self.container.config["runtime"].calls.close()


class Service:
    """The base of every service: its log, its jobs, its health, its housekeeping."""

    name: str
    runtime = RuntimeProvider()
    relaying = Relaying()
    health = HealthServer()
    tidy = ticks(housekeeping.EVERY_SECONDS, housekeeping.tidy)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _refuse_doors_of_one_name(cls)
        cls.read_events = serves(log_contract.read_events_of(cls.name), log.read_events)  # type: ignore[attr-defined]
        cls.get_job = serves(jobs_contract.get_job_of(cls.name), jobs.get_job)  # type: ignore[attr-defined]
        cls.cancel_job = serves(jobs_contract.cancel_job_of(cls.name), jobs.cancel_job)  # type: ignore[attr-defined]


def _refuse_doors_of_one_name(cls: type) -> None:
    owners: dict[str, type] = {}
    for base in cls.__mro__:
        if not (issubclass(base, Room) and base is not Room):
            continue
        for name in vars(base):
            if name.startswith("__"):
                continue
            if name in owners:
                raise TypeError(
                    f"{cls.__name__} has two doors named {name}: in {owners[name].__name__} and {base.__name__}."
                )
            owners[name] = base
