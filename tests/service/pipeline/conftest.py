"""The pipeline alone, told of contacts by a test in the words of contacts, in whatever order the test likes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kombu import Connection

from chassis.ids import new_id
from contracts.contacts import people, segments, team
from contracts.language import Event
from contracts.pipeline import board, leads
from local.processes import wait_for
from tests.house.hearing import Subscriber
from tests.house.keeper import Servers
from tests.house.living import LivingHouse

Message = tuple[Event, str | None, dict[str, Any], str]
"""An event, its subject, its data, and its own id."""


class Contacts:
    """Says what contacts would say: plain AMQP messages on its exchange."""

    def __init__(self, uri: str) -> None:
        self._connection = Connection(uri, heartbeat=0)
        self._producer = self._connection.Producer(serializer="json")

    def tell(self, *messages: Message, sequence: int = 1) -> None:
        for event, subject, data, event_id in messages:
            headers = {
                "ce-specversion": "1.0",
                "ce-id": event_id,
                "ce-source": f"/rapport/{event.service}",
                "ce-type": event.type,
                "ce-time": dt.datetime.now(dt.UTC).isoformat(),
                "ce-sequence": str(sequence),
            }
            if subject:
                headers["ce-subject"] = subject
            self._producer.publish(data, exchange=f"{event.service}.events", routing_key=event.type, headers=headers)

    def close(self) -> None:
        self._connection.release()


def created(contact_id: str, *, entered_as: str = "lead", version: int = 1, **told: Any) -> Message:
    data = {"kind": "person", "display_name": "Ana Novák", "entered_as": entered_as, "acquisition": "manual"}
    return people.contact_created, contact_id, data | {"version": version} | told, new_id()


def changed(contact_id: str, version: int, display_name: str = "Ana Novák", **changes: Any) -> Message:
    told = {name: {"before": None, "after": after} for name, after in changes.items()}
    return (
        people.contact_changed,
        contact_id,
        {"changes": told, "display_name": display_name, "version": version},
        new_id(),
    )


def became(contact_id: str, lifecycle: str, version: int, reason: str = "paid membership Gold") -> Message:
    before = "lead" if lifecycle == "customer" else "customer"
    since = dt.datetime.now(dt.UTC).isoformat()
    data = {"before": before, "after": lifecycle, "reason": reason, "since": since, "version": version}
    return people.contact_lifecycle_changed, contact_id, data, new_id()


def passed(contact_id: str, segment_id: str, *, inside: bool) -> Message:
    event = segments.segment_entered if inside else segments.segment_left
    return event, contact_id, {"segment_id": segment_id, "name": "Runners", "cause": {"words": "they run"}}, new_id()


def joined(team_member_id: str, version: int = 1, *, active: bool = True) -> Message:
    data = {"team_member_id": team_member_id, "name": "Ben", "role": "sales", "active": active, "version": version}
    return team.team_member_added, None, data, new_id()


@pytest.fixture(scope="module")
def pipeline(servers: Servers) -> Iterator[LivingHouse]:
    """The pipeline alone, as a real process."""
    living = LivingHouse(servers, services=["pipeline"])
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture
def contacts(pipeline: LivingHouse) -> Iterator[Contacts]:
    telling = Contacts(pipeline.env["RAPPORT_AMQP_URI"])
    yield telling
    telling.close()


@pytest.fixture
def listener(pipeline: LivingHouse) -> Iterator[Subscriber]:
    """Hears what the pipeline announces, from now on."""
    listening = pipeline.subscriber("pipeline.events")
    yield listening
    listening.close()


@pytest.fixture
def stages(pipeline: LivingHouse) -> dict[str, str]:
    """The ids of the stages by name."""
    return {column["name"]: column["stage_id"] for column in pipeline.ask(board.get_board)["stages"]}


@pytest.fixture
def a_lead(contacts: Contacts, listener: Subscriber) -> Callable[..., str]:
    """Put a lead onto the board, and answer with its contact's id."""

    def enter(**told: Any) -> str:
        contact_id = new_id()
        contacts.tell(created(contact_id, **told))
        listener.wait_for("lead.entered", subject=contact_id)
        return contact_id

    return enter


@pytest.fixture
def stage_of(pipeline: LivingHouse) -> Callable[[str], str]:
    return lambda contact_id: pipeline.ask(leads.get_lead, contact_id=contact_id)["stage"]


@pytest.fixture
def applied(pipeline: LivingHouse) -> Callable[..., None]:
    """Wait until the pipeline has taken in these messages."""

    def wait(*messages: Message, by: str = "follow_contacts") -> None:
        ids = {event_id for *_, event_id in messages}
        asked = "SELECT count(*) FROM inbox WHERE event_id = ANY(%s::uuid[]) AND listener LIKE %s"

        def all_in() -> bool:
            with pipeline.database("pipeline").connect() as connection:
                return connection.exec_driver_sql(asked, (list(ids), f"%{by}")).scalar() == len(ids)

        assert wait_for(all_in, 15), "the pipeline did not take them in"

    return wait


@pytest.fixture
def a_colleague(contacts: Contacts, applied: Callable[..., None]) -> Callable[..., str]:
    """Somebody who works here, as the pipeline knows."""

    def join(*, active: bool = True) -> str:
        heard = joined(new_id(), active=active)
        contacts.tell(heard)
        applied(heard, by="remember_team")
        return heard[2]["team_member_id"]

    return join
