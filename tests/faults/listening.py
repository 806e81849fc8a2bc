"""The real listeners of the services, given events by hand: the same transaction, inbox and reaction as in a house."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from chassis.config import Settings
from chassis.events import _Loop
from chassis.ids import new_id
from chassis.service import Runtime
from chassis.told import Told
from contracts.language import Event
from tests.house.living import LivingHouse

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def told(event: Event, contact_id: str, sequence: int, **data: Any) -> Told:
    """An event as a listener gets it."""
    return Told(
        id=new_id(), type=event.type, source=f"/rapport/{event.service}", subject=contact_id,
        time=NOON + dt.timedelta(minutes=sequence), sequence=sequence, data=event.load(data),
        actor=None, request_id=None, plain=data,
    )  # fmt: skip


class Listening:
    """One listener of a service, at work on that house's database."""

    def __init__(self, house: LivingHouse, service: str, door: str) -> None:
        settings = Settings(
            amqp_uri=house.env["RAPPORT_AMQP_URI"], database_url=house.env["RAPPORT_DATABASE_URL"], secret=house.secret,
            storage="", public_url="", health_port=0, health_host="", log_level="", workers=2, retry_delays=(),
        )  # fmt: skip
        self._runtime = Runtime(service, settings, ())
        self._runtime.ring = lambda *channels: None  # type: ignore[method-assign]
        cls = getattr(importlib.import_module(f"services.{service}.service"), service.title())
        (hearing,) = getattr(cls, door).nameko_entrypoints
        named = SimpleNamespace(method_name=door, told=hearing.told, reaction=hearing.reaction)
        self._loop = _Loop(self._runtime, named)  # type: ignore[arg-type]

    def hear(self, batch: Sequence[Told]) -> None:
        """Apply a batch as the chassis does."""
        self._loop._transact(list(batch))

    def see(self, question: str, contact_id: str) -> list[tuple[Any, ...]]:
        """What became of it."""
        with self._runtime.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(question, (contact_id,))]

    def close(self) -> None:
        self._runtime.engine.dispose()
