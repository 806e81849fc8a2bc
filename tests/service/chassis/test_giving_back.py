"""What was parked is given back, and what the log holds is told again; whoever gets it twice applies it once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from chassis import parked, replay
from chassis.broker import Outgoing, Publisher
from chassis.config import settings
from chassis.ids import new_id
from chassis.retries import LISTENER
from chassis.topology import parked_queue_of
from contracts.contacts import notes
from tests.builders.people import a_lead
from tests.builders.waiting import eventually
from tests.faults.probe.house import cloud_event
from tests.house.keeper import Servers
from tests.house.living import LivingHouse
from tests.house.procedures import as_written

pytestmark = pytest.mark.requirement("O03", "O05")
TIMELINE = "contacts.add_to_timeline"
Verb = Callable[..., str]


@pytest.fixture(scope="module")
def place(servers: Servers) -> Iterator[LivingHouse]:
    """Contacts, whose listeners give up after a moment."""
    with closing(LivingHouse(servers, services=["contacts"], settings={"RAPPORT_RETRY_DELAYS": "0.1"})) as living:
        yield living.open()


@pytest.fixture
def ada(place: LivingHouse) -> str:
    """Somebody on whose timeline there is nothing but notes to come."""
    id_ = a_lead(place.ask)["id"]
    eventually(lambda: timeline_of(place, id_))
    return id_


@pytest.fixture
def verb(place: LivingHouse, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Verb]:
    """What a verb of the house prints: `verb(parked.main, "list")`."""
    for name in ("RAPPORT_AMQP_URI", "RAPPORT_DATABASE_URL", "RAPPORT_SECRET"):
        monkeypatch.setenv(name, place.env[name])
    settings.cache_clear()

    def told(main: Callable[[list[str]], int], *arguments: str) -> str:
        assert main(list(arguments)) == 0
        return capsys.readouterr().out

    yield told
    settings.cache_clear()


def timeline_of(place: LivingHouse, contact_id: str) -> list[str]:
    with place.database("contacts").connect() as connection:
        asked = "SELECT type FROM timeline_entries WHERE contact_id = %s ORDER BY type"
        return list(connection.exec_driver_sql(asked, (contact_id,)).scalars())


@contextmanager
def a_timeline_that_takes_no_notes(place: LivingHouse) -> Iterator[None]:
    """The cause of the trouble, mended in the end."""
    alter = "ALTER TABLE timeline_entries"
    with place.database("contacts").begin() as connection:
        connection.exec_driver_sql(f"{alter} ADD CONSTRAINT trouble CHECK (type <> 'note.added') NOT VALID")
    try:
        yield
    finally:
        with place.database("contacts").begin() as connection:
            connection.exec_driver_sql(f"{alter} DROP CONSTRAINT trouble")


def publish(place: LivingHouse, queue: str, body: str | bytes, headers: dict[str, Any]) -> None:
    with closing(Publisher(place.env["RAPPORT_AMQP_URI"])) as publisher:
        publisher.publish([Outgoing("", queue, body, headers)])


def parked_ones(services: tuple[str, ...] = ("contacts",)) -> list[dict[str, Any]]:
    return parked.list_parked(list(services))


def test_what_is_given_back_while_it_still_fails_is_parked_again_and_applied_once_when_mended(
    place: LivingHouse, ada: str, verb: Verb
) -> None:
    with a_timeline_that_takes_no_notes(place):
        place.ask(notes.add_note, contact_id=ada, text="Likes mornings.")
        (first,) = eventually(parked_ones)
        assert (first["listener"], first["type"], first["tries"]) == (TIMELINE, "note.added", 2)
        assert "trouble" in first["error"]
        assert verb(parked.main, "replay", "--all") == "1 given back to their listeners\n"
        (again,) = eventually(parked_ones)
        assert {again[name] for name in ("id", "since", "tries")} == {first[name] for name in ("id", "since", "tries")}
        publish(place, TIMELINE, first["body"], {name: first["headers"][name] for name in cloud_headers(first)})
        assert {entry["id"] for entry in eventually(lambda: len(parked_ones()) == 2 and parked_ones())} == {first["id"]}
    told = as_written("Parked messages", place.env, only="parked")
    assert first["id"] in told
    assert "2 given back to their listeners" in told
    assert eventually(lambda: "note.added" in timeline_of(place, ada))
    assert timeline_of(place, ada).count("note.added") == 1
    assert parked_ones() == []


def cloud_headers(entry: dict[str, Any]) -> list[str]:
    return [name for name in entry["headers"] if name.startswith("ce-")]


def test_one_alone_is_given_back_by_its_id(place: LivingHouse, ada: str, verb: Verb) -> None:
    with a_timeline_that_takes_no_notes(place):
        for text in ("One", "Another"):
            place.ask(notes.add_note, contact_id=ada, text=text)
        one, another = eventually(lambda: len(parked_ones()) == 2 and parked_ones())
    assert one["body"].replace('"', "") in verb(parked.main, "show", one["id"]).replace('"', "")
    assert verb(parked.main, "replay", one["id"]) == "1 given back to their listeners\n"
    assert eventually(lambda: "note.added" in timeline_of(place, ada))
    assert [entry["id"] for entry in parked_ones()] == [another["id"]]
    verb(parked.main, "replay", "--all")
    assert eventually(lambda: timeline_of(place, ada).count("note.added") == 2)


@pytest.mark.parametrize(
    ("body", "spoiled"),
    [("{}", {"ce-type": "moon.risen"}), (b"\xff\xfe", {}), ("{}", {"ce-id": None})],
    ids=["an unknown type", "no text", "no id"],
)
def test_what_nobody_can_read_is_parked_again_each_time_that_it_is_given_back(
    place: LivingHouse, verb: Verb, body: str | bytes, spoiled: dict[str, Any]
) -> None:
    headers = cloud_event(notes.note_added, new_id()) | spoiled
    pid = place.process("contacts").pid
    publish(place, TIMELINE, body, {name: value for name, value in headers.items() if value is not None})
    (first,) = eventually(parked_ones)
    assert verb(parked.main, "list").startswith(first["id"])
    assert verb(parked.main, "replay", first["id"]) == "1 given back to their listeners\n"
    (again,) = eventually(parked_ones)
    assert (again["id"], again["since"], again["tries"]) == (first["id"], first["since"], 1)
    assert (place.process("contacts").pid, place.process("contacts").alive()) == (pid, True)
    empty_the_parking_place(place)


def empty_the_parking_place(place: LivingHouse) -> None:
    with parked._taken("contacts") as (channel, messages):
        for message in messages:
            channel.basic_ack(message.delivery_info["delivery_tag"])


def test_what_no_listener_hears_any_more_is_kept(place: LivingHouse, verb: Verb) -> None:
    """A queue that is not there is not an error to the broker: it takes the message, and drops it."""
    publish(place, parked_queue_of("contacts"), "{}", {"ce-id": new_id(), LISTENER: "contacts.a_door_of_old"})
    publish(place, parked_queue_of("contacts"), "{}", {"ce-id": new_id()})
    told = verb(parked.main, "replay", "--all", "--service", "contacts")
    assert told.splitlines() == [
        "0 given back to their listeners",
        "1 kept: there is no listener named in it",
        "1 kept: there is no listener contacts.a_door_of_old",
    ]
    assert len(parked_ones()) == 2
    empty_the_parking_place(place)


def test_subscribers_are_told_again_in_order_and_our_own_listeners_apply_nothing_twice(
    place: LivingHouse, ada: str, verb: Verb
) -> None:
    before = place.ask(notes.add_note, contact_id=ada, text="Too long ago")
    eventually(lambda: timeline_of(place, ada).count("note.added") == 1)
    since = dt.datetime.now(dt.UTC)
    for text in ("One", "Two"):
        place.ask(notes.add_note, contact_id=ada, text=text)
    eventually(lambda: timeline_of(place, ada).count("note.added") == 3)
    with closing(place.subscriber("contacts.events", "note.added")) as listener:
        told = verb(replay.main, "contacts", "--since", since.isoformat(), "--subscribers")
        place.ask(notes.add_note, contact_id=ada, text="Three")
        listener.wait_for("note.added", subject=ada, count=3)
    assert [event.data["excerpt"] for event in listener.heard] == ["One", "Two", "Three"]
    assert before["id"] not in {event.data["note_id"] for event in listener.heard}
    assert "contacts.events: " in told
    eventually(lambda: timeline_of(place, ada).count("note.added") == 4)
    assert timeline_of(place, ada).count("note.added") == 4
