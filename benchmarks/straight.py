"""Our own actions without the hop: straight on the database, from whatever process asks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from chassis.actor import Actor
from chassis.config import settings
from chassis.database import engine_for
from chassis.work import Work
from contracts.contacts import people
from contracts.language import Schema
from services.contacts.card.actions.entering import create_contact
from services.contacts.card.queries.reading import get_contact


class Straight:
    """As much of a service's runtime as an action needs."""

    service = "contacts"

    def __init__(self, url: str | None = None) -> None:
        self.engine = engine_for(url or settings().database_url_of("contacts"), pool=20, name="benchmark")
        self.reading_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._schemas: dict[type[Schema], Schema] = {}

    def schema(self, kind: type[Schema]) -> Schema:
        """One instance a kind, as in a service."""
        if kind not in self._schemas:
            self._schemas[kind] = kind()
        return self._schemas[kind]

    def clock(self) -> dt.datetime:
        """The time."""
        return dt.datetime.now(dt.UTC)

    def writer(self) -> Session:
        """A transaction."""
        return Session(self.engine, expire_on_commit=False)

    def reader(self) -> Session:
        """No transaction."""
        return Session(self.reading_engine, expire_on_commit=False, autoflush=False)

    def ring(self, *channels: str) -> None:
        """Nobody is called: the relay finds the event at its next look."""

    def read(self, contact_id: str) -> Any:
        """`contacts.get_contact`, in this process."""
        request = self.schema(people.get_contact.takes).load({"contact_id": contact_id})
        with Work(self, reading=True) as work:  # type: ignore[arg-type]
            return self.schema(people.get_contact.gives).dump(get_contact(work, request))

    def write(self, actor: Actor, members: dict[str, Any]) -> Any:
        """`contacts.create_contact`, in this process."""
        request = self.schema(people.create_contact.takes).load(members)
        with Work(self, actor=actor) as work:  # type: ignore[arg-type]
            return self.schema(people.create_contact.gives).dump(create_contact(work, request))
