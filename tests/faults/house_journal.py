"""The oracle of a whole house: what clients were told, and what every listener of every service has applied."""

from __future__ import annotations

import importlib
import inspect
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Any

from chassis.calls import Calls, Context
from chassis.events import Hearing
from chassis.ids import new_id
from contracts.billing import orders, packages, payments
from contracts.contacts import people
from contracts.errors import Problem, Unavailable
from contracts.language import Rpc
from local.processes import wait_for
from tests.faults.busy import busy
from tests.house.living import LivingHouse

PATIENCE = 90.0


class HouseJournal:
    """Clients who enter leads and sell to them, and ask again with the same key until they are answered."""

    def __init__(self, house: LivingHouse) -> None:
        self.house = house
        self.calls = Calls(house.env["RAPPORT_AMQP_URI"], at_once=500, row=10**9)
        self.sold: dict[str, str] = {}
        """Contacts by the order that each has paid."""
        self.unavailable = 0
        self.born_later: set[str] = set()
        """Listeners that were not there from the beginning, `service.door`; nobody asks what they have missed."""

    @cached_property
    def gold(self) -> str:
        """The membership that is sold."""
        price = {"amount": 4900, "currency": "EUR"}
        return self._insist(packages.create_package, name="Gold", kind="membership", price=price)["id"]

    def sell(self, who: str) -> None:
        """Enter a lead and sell it a membership, however long it takes."""
        contact = self._insist(
            people.create_contact, enter_as="lead", first_name="Ada", last_name=who, emails=[{"value": f"{who}@x.com"}],
            assigned_to=self.house.owner["id"],
        )["id"]  # fmt: skip
        order = self._insist(orders.place_order, contact_id=contact, items=[{"package_id": self.gold}])["id"]
        self._insist(payments.take_payment, order_id=order, method="cash")
        self.sold[order] = contact

    def _insist(self, rpc: Rpc, **request: Any) -> Any:
        key, ends = new_id(), time.monotonic() + PATIENCE
        while True:
            try:
                return self.calls.ask(rpc, request, Context(token=self.house.token(), key=key, deadline=3.0))
            except Problem as problem:
                if not (isinstance(problem, Unavailable) or "retry_after" in problem.extra) or time.monotonic() > ends:
                    raise
                self.unavailable += 1
                time.sleep(0.05)

    def sellers(self, count: int = 3) -> AbstractContextManager[None]:
        """So many people sell one after the other while something happens, and leave it the machine between two."""
        return busy(count, lambda: self.sell(new_id()), rest=0.1, patience=PATIENCE * 3)

    def all_heard(self, seconds: float) -> bool:
        """Wait until every listener has applied what it listens to; to look at all of them takes a moment."""
        return wait_for(lambda: not self.unheard(), seconds, every=0.5)

    def check(self, seconds: float = 60.0) -> None:
        """Nothing answered is lost, nothing is there twice, and every listener has applied what it listens to, once."""
        assert self.sold, "nothing was sold"
        self.all_heard(seconds)
        assert not self.unheard(), f"lost: told, and not applied: {self.unheard()}"
        assert not self.unfounded(), f"applied, and nobody told it: {self.unfounded()}"
        for service in self.house.services:
            (told,) = self._rows(service, "SELECT count(*), count(position), max(position) FROM events")
            assert told[0] == told[1] == (told[2] or 0), f"the log of {service} has gaps"
            assert self._parked(service) == 0, f"{service} has parked something"
        contacts = set(self.sold.values())
        assert len(contacts) == len(self.sold), "dup: one contact for two answers"
        entered = Counter(str(id_) for (id_,) in self._rows("contacts", "SELECT id FROM contacts"))
        assert contacts == entered.keys(), "lost, or entered twice"
        paid = Counter(str(id_) for (id_,) in self._rows("billing", "SELECT order_id FROM payments"))
        assert paid == Counter(dict.fromkeys(self.sold, 1)), "lost, or paid twice"
        won = "SELECT contact_id FROM leads JOIN stages ON stages.id = stage_id WHERE stages.kind = 'won'"
        leads = {str(id_) for (id_,) in self._rows("pipeline", won)}
        assert leads == contacts, "lost: a customer whose lead was not won"
        counted = "SELECT contact_id, count(*) FROM timeline_entries WHERE type = 'payment.taken' GROUP BY 1"
        assert {str(id_): count for id_, count in self._rows("contacts", counted)} == dict.fromkeys(contacts, 1)

    def unheard(self) -> dict[str, int]:
        """By listener, how many events it has not applied."""
        missed = {name: len(told - applied) for name, told, applied in self._listeners()}
        return {name: count for name, count in missed.items() if count}

    def unfounded(self) -> dict[str, int]:
        """By listener, how many events it has applied that no log knows."""
        strange = {name: len(applied - told) for name, told, applied in self._listeners()}
        return {name: count for name, count in strange.items() if count}

    def _listeners(self) -> Iterator[tuple[str, set[str], set[str]]]:
        """Each listener, what it should have applied, and what it has."""
        for service in self.house.services:
            cls = getattr(importlib.import_module(f"services.{service}.service"), service.title())
            for name, door in inspect.getmembers(cls, inspect.isfunction):
                for entrypoint in getattr(door, "nameko_entrypoints", ()):
                    if isinstance(entrypoint, Hearing) and f"{service}.{name}" not in self.born_later:
                        yield f"{service}.{name}", self._told(entrypoint), self._applied(service, name)

    def _told(self, listener: Hearing) -> set[str]:
        told: set[str] = set()
        for source in {event.service for event in listener.told} & set(self.house.services):
            types = [event.type for event in listener.told if event.service == source]
            told |= {str(id_) for (id_,) in self._rows(source, "SELECT id FROM events WHERE type = ANY(%s)", (types,))}
        return told

    def _applied(self, service: str, listener: str) -> set[str]:
        found = self._rows(service, "SELECT event_id FROM inbox WHERE listener = %s", (listener,))
        return {str(id_) for (id_,) in found}

    def _parked(self, service: str) -> int:
        return self.house.queues()[f"{service}.parked"].get("messages", 0)

    def _rows(self, service: str, question: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self.house.database(service).connect() as connection:
            return list(connection.exec_driver_sql(question, values))
