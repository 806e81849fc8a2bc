"""An outside scheduler writes sessions and bookings under its own ids."""

from __future__ import annotations

import uuid

import pytest

from contracts.contacts import bookings, people, schedulers, sessions
from contracts.errors import Conflict, Invalid
from tests.builders.sessions import a_guest, a_session, guests, soon


@pytest.fixture
def there():
    """The name of a system that no other test has."""
    return f"mind-{uuid.uuid4().hex[:8]}"


def a_class(external_id="c1", **given):
    planned = {"external_id": external_id, "title": "Spin", "starts_at": soon(days=2), "ends_at": soon(days=2, hours=1)}
    return planned | {"capacity": 2} | given


@pytest.mark.requirement("C32")
def test_the_same_word_twice_is_once_and_an_older_one_changes_nothing(ask, subscriber, there):
    listener = subscriber("contacts.events", "session.*")
    word = a_class(sequence=7)
    made = ask(schedulers.put_session, system=there, **word)
    again = ask(schedulers.put_session, system=there, **word)
    assert (made["outcome"], again["outcome"], again["session"]["version"]) == ("created", "unchanged", 1)
    newer = ask(schedulers.put_session, system=there, **word | {"title": "Spin II", "sequence": 9})
    older = ask(schedulers.put_session, system=there, **word | {"title": "Spun", "sequence": 8})
    assert (newer["outcome"], older["outcome"]) == ("updated", "outdated")
    assert older["session"]["title"] == "Spin II"
    assert (older["session"]["kept_by"], older["session"]["external_id"]) == (there, "c1")
    ask(schedulers.put_session, system=there, **word | {"title": "Spin II", "state": "cancelled", "sequence": 10})
    listener.wait_for("session.cancelled")
    mine = [e.type for e in listener.heard if e.data["session_id"] == made["session"]["id"]]
    assert mine == ["session.scheduled", "session.changed", "session.cancelled"]


@pytest.mark.requirement("C32")
def test_a_booking_follows_what_the_scheduler_says_in_whatever_order(ask, there):
    ada = a_guest(ask)
    with pytest.raises(Invalid):
        ask(schedulers.put_booking, system=there, external_id="b1", session_external_id="c1", contact_id=ada)
    ask(schedulers.put_session, system=there, **a_class())
    at = {"system": there, "external_id": "b1", "session_external_id": "c1", "contact_id": ada}

    def told(state, minute):
        moment = f"2026-11-01T10:{minute:02d}:00Z"
        answer = ask(schedulers.put_booking, **at, state=state, updated_at=moment)
        return answer["outcome"], answer["booking"]["state"]

    assert told("upcoming", 1) == ("created", "upcoming")
    assert told("attended", 5) == ("updated", "attended")
    assert told("cancelled", 3) == ("outdated", "attended")
    assert told("attended", 5) == ("unchanged", "attended")
    assert told("late_cancelled", 6) == ("updated", "late_cancelled")
    assert told("upcoming", 7) == ("updated", "upcoming")
    assert len(ask(bookings.list_bookings, contact_id=ada)["items"]) == 1
    with pytest.raises(Conflict):
        ask(schedulers.put_booking, **at | {"contact_id": a_guest(ask)})
    with pytest.raises(Conflict):
        ask(schedulers.put_booking, **at | {"external_id": "b2"})


@pytest.mark.requirement("C32")
def test_without_a_state_places_are_given_here_and_with_one_by_the_scheduler(ask, there):
    session = ask(schedulers.put_session, system=there, **a_class(capacity=1))["session"]["id"]
    ada, bo, cy, di = guests(ask, 4)

    def put(external_id, contact, **more):
        at = {"system": there, "external_id": external_id, "session_external_id": "c1", "contact_id": contact}
        return ask(schedulers.put_booking, **at, **more)["booking"]["state"]

    assert put("b1", ada) == "upcoming"
    assert put("b2", bo) == "waitlisted"
    assert put("b3", cy, state="waitlisted") == "waitlisted"
    assert put("b4", di, state="upcoming") == "upcoming"
    assert put("b4", di, state="cancelled") == "cancelled"
    assert put("b1", ada, state="cancelled") == "cancelled"
    roster = {b["contact_id"]: b["state"] for b in ask(bookings.list_roster, session_id=session)["items"]}
    assert (roster[bo], roster[cy]) == ("upcoming", "waitlisted")


@pytest.mark.requirement("C32")
def test_a_batch_is_written_line_by_line_and_repeated_without_harm(ask, there):
    word = uuid.uuid4().hex
    ask(people.create_contact, first_name="Ada", enter_as="customer", emails=[{"value": f"Ada.{word}@example.org"}])
    here = a_session(ask, places=5)
    crowd = guests(ask, 3)
    batch = {
        "sessions": [a_class(f"c{n}", capacity=2) for n in range(20)] + [a_class("odd", ends_at=soon(days=1))],
        "bookings": [
            *({"external_id": f"b{n}", "session_external_id": f"c{n}", "contact_id": crowd[n % 3]} for n in range(20)),
            {"external_id": "by-mail", "session_external_id": "c1", "email": f"ada.{word}@EXAMPLE.org"},
            {"external_id": "ours", "session_id": here["id"], "contact_id": crowd[0], "state": "upcoming"},
            {"external_id": "lost", "session_external_id": "nowhere", "contact_id": crowd[0]},
            {"external_id": "twin", "session_external_id": "c0", "contact_id": crowd[0]},
            {"external_id": "nobody", "session_external_id": "c0", "email": "nobody@example.org"},
        ],
    }
    first = ask(schedulers.write_batch, system=there, **batch)
    assert [line["outcome"] for line in first["sessions"]] == ["created"] * 20 + ["refused"]
    assert [line["outcome"] for line in first["bookings"]] == ["created"] * 22 + ["refused"] * 3
    assert all(line["problem"] for line in first["bookings"][22:])
    second = ask(schedulers.write_batch, system=there, **batch)
    assert {line["outcome"] for line in second["sessions"] + second["bookings"]} == {"unchanged", "refused"}
    assert [line["id"] for line in second["bookings"]] == [line["id"] for line in first["bookings"]]
    assert ask(sessions.get_session, session_id=here["id"])["booked"] == 1


@pytest.mark.requirement("C32")
def test_a_booking_made_here_is_the_one_that_the_scheduler_means(ask, there):
    session = ask(schedulers.put_session, system=there, **a_class())["session"]["id"]
    ada = a_guest(ask)
    ours = ask(bookings.book, session_id=session, contact_id=ada)
    at = {"system": there, "external_id": "b1", "session_external_id": "c1", "contact_id": ada}
    theirs = ask(schedulers.put_booking, **at, state="attended")
    assert (theirs["outcome"], theirs["booking"]["id"]) == ("updated", ours["id"])
    ask(schedulers.put_session, system=there, **a_class("c2"))
    moved = ask(schedulers.put_booking, **at | {"session_external_id": "c2"}, state="upcoming")["booking"]
    assert (moved["id"], moved["state"], moved["title"]) == (ours["id"], "upcoming", "Spin")
    assert ask(sessions.get_session, session_id=session)["booked"] == 0
