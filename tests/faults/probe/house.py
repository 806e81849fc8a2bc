"""A private house with nobody in it but the probe."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from typing import Any

import amqp

from chassis.broker import connect, discard
from chassis.calls import Calls
from chassis.ids import new_id
from chassis.wire import dumps
from contracts.language import Event
from local import CHECKOUT
from local.forking import Forked
from local.house import House
from local.ports import free_port
from local.processes import Process
from tests.faults.probe import diary, dying
from tests.faults.probe.contract import NAME
from tests.house.keeper import Servers
from tests.house.living import LivingHouse, make_virtual_host

SERVICE = "tests.faults.probe.service:Probe"


class _Processes(House):
    def _service(self, name: str) -> Process:
        port = self.health_ports.setdefault(name, free_port())
        role = name.removeprefix(f"{NAME}-").replace("-", ",")
        arguments, env = [SERVICE, "--role", role], self.env | {"RAPPORT_HEALTH_PORT": str(port)}
        if self.nursery is not None:
            return Forked(name, arguments, self.folder, env=env, nursery=self.nursery)
        command = [sys.executable, "-m", "chassis.run", *arguments]
        return Process(name, command, self.folder, env=env, cwd=CHECKOUT)


class ProbeHouse(LivingHouse):
    """The probe as one process (`probe-all`), or as `probe-rpc` and `probe-events-jobs`; `diary` tells what ran."""

    def __init__(self, servers: Servers, *, apart: bool = False, settings: Mapping[str, str] | None = None, **own: Any):
        roles = {NAME: ("rpc", "events,jobs") if apart else ("all",)}
        super().__init__(servers, services=[NAME], roles=roles, settings=settings, **own)
        self.diary = diary.Diary(self.folder / "diary")
        self.env[diary.VARIABLE] = str(self.diary.path)
        self.house = _Processes(self.folder, self.env, roles=self.house.roles, nursery=self.house.nursery)
        self.calls = Calls(self.env["RAPPORT_AMQP_URI"], at_once=500, row=10**9)  # no rest after a row of timeouts

    def open(self, seconds: float = 90) -> ProbeHouse:
        if self.broker is None:
            make_virtual_host(self.servers, self.name)
        self.prepare("tests.faults.probe.prepare")
        self.house.start()
        self.house.wait(seconds)
        return self

    def doomed_to_die(self, place: str, nth: int, name: str = "probe") -> None:
        """Start the process again as one that dies by kill -9 the nth time that it comes by the place."""
        self.process(name).kill()
        self.house.env[dying.VARIABLE] = f"{place}:{nth}"
        try:
            self.house.start_one(self._full(name))  # without waiting: with work waiting for it, it may never be ready
        finally:
            del self.house.env[dying.VARIABLE]

    def tell(self, event: Event, mark: str, *, id: str | None = None, **data: Any) -> None:
        """Announce something of the probe's as its relay would."""
        self.tell_many(event, [{"mark": mark, **data}], ids=[id or new_id()])

    def tell_many(self, event: Event, told: list[dict[str, Any]], ids: list[str] | None = None) -> None:
        """Announce many at once."""
        messages = [
            (dumps(data), cloud_event(event, id))
            for data, id in zip(told, ids or [new_id() for _ in told], strict=True)
        ]
        self.publish("probe.events", event.type, messages)

    def publish(self, exchange: str, key: str, messages: list[tuple[Any, dict[str, Any]]], **properties: Any) -> None:
        """Publish bodies with headers, whatever they are, and wait for the broker's confirmation."""
        raw = connect(self.env["RAPPORT_AMQP_URI"])
        try:
            channel = raw.channel()
            channel.confirm_select()
            for body, headers in messages:
                told = {"content_type": "application/json", "content_encoding": "utf-8"} | properties
                message = amqp.Message(body, application_headers=headers, delivery_mode=2, **told)
                channel.basic_publish_confirm(message, exchange, key)
        finally:
            discard(raw)

    def effects(self, listener: str) -> dict[str, int]:
        """How often each mark took effect, as committed."""
        return self._counted("SELECT mark, count(*) FROM effects WHERE listener = %s GROUP BY mark", (listener,))

    def marks(self) -> dict[str, int]:
        """How often each mark was written, as committed."""
        return self._counted("SELECT mark, count(*) FROM marks GROUP BY mark")

    def parked(self) -> int:
        """How many messages are parked."""
        raw = connect(self.env["RAPPORT_AMQP_URI"])
        try:
            return raw.channel().queue_declare("probe.parked", passive=True).message_count
        finally:
            discard(raw)

    def _counted(self, statement: str, values: tuple[Any, ...] = ()) -> dict[str, int]:
        with self.database(NAME).connect() as connection:
            return dict(connection.exec_driver_sql(statement, values).tuples().all())


def cloud_event(event: Event, id: str) -> dict[str, Any]:
    """The headers of an event, as the relay writes them."""
    return {
        "ce-specversion": "1.0",
        "ce-id": id,
        "ce-source": f"/rapport/{event.service}",
        "ce-type": event.type,
        "ce-time": dt.datetime.now(dt.UTC).isoformat(),
        "ce-sequence": "1",
    }
