"""Booking, waiting, moving and giving up, by the door."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import sqlalchemy as sa

from contracts.contacts import bookings, groups, relations, sessions, timeline
from contracts.errors import Conflict, Invalid, Stale
from tests.builders.sessions import a_guest, a_session, guests, soon
from tests.builders.waiting import eventually


def states(ask, session):
    roster = ask(bookings.list_roster, session_id=session["id"])["items"]
    return {item["contact_id"]: (item["state"], item["waitlist_position"]) for item in roster}


def counts(ask, session):
    now = ask(sessions.get_session, session_id=session["id"])
    return now["booked"], now["waiting"]


@pytest.mark.requirement("C32")
def test_who_comes_too_late_waits_and_moves_up_when_a_place_frees(ask, subscriber):
    listener = subscriber("contacts.events", "booking.*")
    session = a_session(ask, places=1)
    ada, bo, cy = guests(ask, 3)
    first = ask(bookings.book, session_id=session["id"], contact_id=ada)
    second = ask(bookings.book, session_id=session["id"], contact_id=bo)
    ask(bookings.book, session_id=session["id"], contact_id=cy)
    assert (first["state"], first["waitlist_position"]) == ("upcoming", None)
    assert (second["state"], second["waitlist_position"]) == ("waitlisted", 1)
    gone = ask(bookings.cancel_booking, booking_id=first["id"], reason="ill")
    assert (gone["state"], gone["cancel_cause"], gone["cancel_reason"]) == ("cancelled", "asked", "ill")
    assert states(ask, session) == {ada: ("cancelled", None), bo: ("upcoming", None), cy: ("waitlisted", 1)}
    assert counts(ask, session) == (1, 1)
    told = listener.wait_for("booking.promoted", subject=bo)
    assert told.data["booking_id"] == second["id"]
    assert (told.data["upcoming"], told.data["next_booking_at"]) == (1, session["starts_at"])
    given_up = listener.wait_for("booking.cancelled", subject=ada).data
    assert (given_up["late"], given_up["cancellations"], given_up["last_booking_at"]) == (False, 1, None)
    assert ask(bookings.cancel_booking, booking_id=first["id"])["version"] == gone["version"]


@pytest.mark.requirement("C32")
def test_nobody_books_a_session_twice_but_may_book_it_again(ask):
    session, ada = a_session(ask), a_guest(ask)
    booking = ask(bookings.book, session_id=session["id"], contact_id=ada)
    with pytest.raises(Conflict) as refused:
        ask(bookings.book, session_id=session["id"], contact_id=ada)
    assert refused.value.extra["booking_id"] == booking["id"]
    ask(bookings.cancel_booking, booking_id=booking["id"])
    again = ask(bookings.rebook, booking_id=booking["id"])
    assert again["id"] != booking["id"]
    assert again["state"] == "upcoming"
    with pytest.raises(Conflict):
        ask(bookings.rebook, booking_id=booking["id"])


@pytest.mark.requirement("C32")
def test_rebooking_is_for_the_same_contact_here_or_elsewhere_in_every_state(ask, subscriber):
    listener = subscriber("contacts.events", "booking.made")
    soonest, later, full = a_session(ask, starts={"hours": 1}), a_session(ask), a_session(ask, places=1)
    ada, bo = guests(ask, 2)
    ask(relations.add_relation, contact_id=ada, related_id=bo, kind="family")
    ask(bookings.book, session_id=full["id"], contact_id=bo)
    booking = ask(bookings.book, session_id=soonest["id"], contact_id=ada, booked_by_contact_id=bo)
    one = {"booking_id": booking["id"]}
    with pytest.raises(Conflict):  # it stands
        ask(bookings.rebook, **one)
    ask(bookings.check_in, **one)
    elsewhere = ask(bookings.rebook, **one, session_id=later["id"])
    assert (elsewhere["session_id"], elsewhere["contact_id"], elsewhere["state"]) == (later["id"], ada, "upcoming")
    assert elsewhere["booked_by_contact_id"] == bo
    assert listener.wait_for("booking.made", subject=ada, count=2).data["session_id"] == later["id"]
    with pytest.raises(Conflict):
        ask(bookings.rebook, **one, session_id=full["id"], if_full="refuse")
    waits = ask(bookings.rebook, **one, session_id=full["id"])
    assert (waits["state"], waits["waitlist_position"]) == ("waitlisted", 1)
    ask(bookings.undo_check_in, **one)
    assert ask(bookings.cancel_booking, **one)["state"] == "late_cancelled"
    anew = ask(bookings.rebook, **one)
    assert (anew["session_id"], anew["state"], anew["version"]) == (soonest["id"], "upcoming", 1)
    assert ask(bookings.get_booking, **one)["state"] == "late_cancelled"
    with pytest.raises(Invalid) as unknown:
        ask(bookings.rebook, **one, session_id=str(uuid.uuid4()))
    assert [error["pointer"] for error in unknown.value.errors] == ["/session_id"]
    [relation] = ask(relations.list_relations, contact_id=ada)["items"]
    ask(relations.remove_relation, contact_id=ada, relation_id=relation["id"])
    with pytest.raises(Conflict) as strangers:  # who booked on behalf may do so no more
        ask(bookings.rebook, booking_id=elsewhere["id"], session_id=a_session(ask)["id"])
    assert [error["pointer"] for error in strangers.value.errors] == ["/booking_id"]


@pytest.mark.requirement("C32", "G06")
def test_who_saw_another_booking_than_it_is_now_changes_nothing(ask):
    session, other = a_session(ask, starts={"hours": 1}), a_session(ask)
    booking = ask(bookings.book, session_id=session["id"], contact_id=a_guest(ask))
    one = {"booking_id": booking["id"]}
    came = ask(bookings.check_in, **one, expected_version=booking["version"])
    for rpc, more in [
        (bookings.undo_check_in, {}),
        (bookings.cancel_booking, {}),
        (bookings.reschedule_booking, {"session_id": other["id"], "waive_late": True}),
        (bookings.check_in, {}),
        (bookings.mark_missed, {}),
    ]:
        with pytest.raises(Stale):
            ask(rpc, **one, **more, expected_version=booking["version"])
    with pytest.raises(Stale):
        ask(sessions.cancel_session, session_id=other["id"], expected_version=7)
    assert ask(bookings.get_booking, **one) == came


@pytest.mark.requirement("C31", "C32")
def test_later_than_the_window_is_late_unless_waived(ask):
    session = a_session(ask, starts={"hours": 5}, late_cancel_hours=6)
    ada, bo = guests(ask, 2)
    late = ask(bookings.book, session_id=session["id"], contact_id=ada)
    waived = ask(bookings.book, session_id=session["id"], contact_id=bo)
    with pytest.raises(Conflict):
        ask(bookings.reschedule_booking, booking_id=late["id"], session_id=a_session(ask)["id"])
    assert ask(bookings.cancel_booking, booking_id=late["id"])["state"] == "late_cancelled"
    assert ask(bookings.cancel_booking, booking_id=waived["id"], waive_late=True)["state"] == "cancelled"
    assert counts(ask, session) == (0, 0)
    told = {"contact_id": ada, "type": "booking"}
    [entry] = eventually(lambda: ask(timeline.get_timeline, **told, late=True)["items"])
    assert (entry["data"]["booking_id"], entry["data"]["late"]) == (late["id"], True)
    assert ask(timeline.get_timeline, **told, late=False)["items"] == []
    [entry] = eventually(lambda: ask(timeline.get_timeline, contact_id=bo, late=False)["items"])
    assert entry["data"]["booking_id"] == waived["id"]
    assert ask(timeline.get_timeline, contact_id=bo, type="booking.made", late=False)["items"] == []


@pytest.mark.requirement("C32")
def test_rescheduling_leaves_one_and_enters_the_other_or_neither(ask, subscriber):
    listener = subscriber("contacts.events", "booking.*")
    here, there = a_session(ask, places=1), a_session(ask, places=1, starts={"days": 5}, title="Pilates")
    ada, bo, cy = guests(ask, 3)
    booking = ask(bookings.book, session_id=here["id"], contact_id=ada)
    ask(bookings.book, session_id=here["id"], contact_id=bo)
    taken = ask(bookings.book, session_id=there["id"], contact_id=cy)
    with pytest.raises(Conflict):
        ask(bookings.reschedule_booking, booking_id=booking["id"], session_id=there["id"])
    assert counts(ask, here) == (1, 1)
    assert counts(ask, there) == (1, 0)
    ask(bookings.cancel_booking, booking_id=taken["id"])
    moved = ask(bookings.reschedule_booking, booking_id=booking["id"], session_id=there["id"])
    assert (moved["id"], moved["session_id"], moved["title"]) == (booking["id"], there["id"], "Pilates")
    assert states(ask, here) == {bo: ("upcoming", None)}
    assert (counts(ask, here), counts(ask, there)) == ((1, 0), (1, 0))
    told = listener.wait_for("booking.rescheduled", subject=ada).data
    assert (told["before"]["session_id"], told["starts_at"]) == (here["id"], there["starts_at"])
    assert told["next_booking_at"] == told["last_booking_at"] == there["starts_at"]


@pytest.mark.requirement("C32")
def test_a_group_gets_places_together_or_waits_together(ask):
    session = a_session(ask, places=3)
    ada, bo, *family = guests(ask, 5)
    one = ask(bookings.book, session_id=session["id"], contact_id=ada)
    party = ask(bookings.book_group, session_id=session["id"], contact_ids=family)
    assert [b["waitlist_position"] for b in party["bookings"]] == [1, 2, 3]
    assert len({b["party_id"] for b in party["bookings"]} | {party["party_id"]}) == 1
    # Two places are free, yet the family is first in the line: nobody overtakes it.
    assert ask(bookings.book, session_id=session["id"], contact_id=bo)["waitlist_position"] == 4
    ask(bookings.cancel_booking, booking_id=one["id"])
    assert {states(ask, session)[person][0] for person in family} == {"upcoming"}
    assert states(ask, session)[bo] == ("waitlisted", 1)
    other = a_session(ask, places=2)
    with pytest.raises(Conflict):
        ask(bookings.book_group, session_id=other["id"], contact_ids=family)
    with pytest.raises(Invalid) as refused:
        ask(bookings.book_group, session_id=other["id"], contact_ids=[ada, ada])
    assert refused.value.errors[0]["pointer"] == "/contact_ids/1"
    with pytest.raises(Invalid) as refused:
        ask(bookings.book_group, session_id=other["id"], contact_ids=[ada, str(uuid.uuid4())])
    assert refused.value.errors[0]["pointer"] == "/contact_ids/1"
    assert counts(ask, other) == (0, 0)
    group = ask(groups.create_group, name=f"Band {ada[-12:]}")["id"]
    with pytest.raises(Invalid):
        ask(bookings.book_group, session_id=other["id"], group_id=group)
    ask(groups.add_members, group_id=group, contact_ids=[ada, bo])
    band = ask(bookings.book_group, session_id=other["id"], group_id=group)["bookings"]
    assert {b["contact_id"]: b["state"] for b in band} == {ada: "upcoming", bo: "upcoming"}


@pytest.mark.requirement("C28", "C32")
def test_on_behalf_books_who_is_related(ask):
    session = a_session(ask)
    parent, child, stranger = guests(ask, 3)
    ask(relations.add_relation, contact_id=parent, related_id=child, kind="family", role="parent")
    at = {"session_id": session["id"], "booked_by_contact_id": parent}
    with pytest.raises(Conflict):
        ask(bookings.book_group, contact_ids=[child, stranger], **at)
    booked = ask(bookings.book_group, contact_ids=[child, parent], **at)["bookings"]
    assert [(b["contact_id"], b["booked_by_contact_id"]) for b in booked] == [(child, parent), (parent, parent)]


@pytest.mark.requirement("C32")
def test_what_has_started_is_booked_only_by_who_says_so(ask):
    session, ada = a_session(ask, starts={"minutes": -30}), a_guest(ask)
    with pytest.raises(Conflict):
        ask(bookings.book, session_id=session["id"], contact_id=ada)
    booking = ask(bookings.book, session_id=session["id"], contact_id=ada, even_if_started=True)
    assert booking["state"] == "upcoming"


@pytest.mark.requirement("C32", "C39")
def test_an_archived_contact_is_not_booked_and_does_not_move_up(ask, database):
    session = a_session(ask, places=1)
    ada, bo, cy = guests(ask, 3)
    first = ask(bookings.book, session_id=session["id"], contact_id=ada)
    for contact in (bo, cy):
        ask(bookings.book, session_id=session["id"], contact_id=contact)
    with database("contacts").begin() as connection:
        connection.execute(sa.text("UPDATE contacts SET standing = 'archived' WHERE id = :id"), {"id": bo})
    with pytest.raises(Conflict):
        ask(bookings.book, session_id=a_session(ask)["id"], contact_id=bo)
    ask(bookings.cancel_booking, booking_id=first["id"])
    assert (states(ask, session)[bo][0], states(ask, session)[cy][0]) == ("waitlisted", "upcoming")


@pytest.mark.requirement("C32")
def test_check_in_happens_once_and_can_be_undone(ask, subscriber):
    listener = subscriber("contacts.events", "booking.*")
    session, ada = a_session(ask, starts={"hours": 1}), a_guest(ask)
    booking = ask(bookings.book, session_id=session["id"], contact_id=ada)["id"]
    came = ask(bookings.check_in, booking_id=booking)
    assert came["state"] == "attended"
    assert ask(bookings.check_in, booking_id=booking)["version"] == came["version"]
    with pytest.raises(Conflict):
        ask(bookings.cancel_booking, booking_id=booking)
    assert ask(bookings.undo_check_in, booking_id=booking)["state"] == "upcoming"
    with pytest.raises(Conflict):
        ask(bookings.mark_missed, booking_id=booking)
    listener.wait_for("booking.attendance_undone", subject=ada)
    told = [event.type for event in listener.heard if event.subject == ada]
    assert told == ["booking.made", "booking.attended", "booking.attendance_undone"]
    later = ask(bookings.book, session_id=a_session(ask)["id"], contact_id=ada)
    with pytest.raises(Conflict):
        ask(bookings.check_in, booking_id=later["id"])


@pytest.mark.requirement("C32")
def test_who_was_not_checked_in_has_missed_it_some_time_after_the_end(ask, house, eventually):
    session = a_session(ask, places=1, starts={"hours": -4})
    ada, bo = guests(ask, 2)
    booking = ask(bookings.book, session_id=session["id"], contact_id=ada, even_if_started=True)["id"]
    with pytest.raises(Conflict):
        ask(bookings.book, session_id=session["id"], contact_id=bo, even_if_started=True)
    missed = eventually(lambda: ask(bookings.get_booking, booking_id=booking), lambda b: b["state"] == "missed", 45)
    assert missed["state"] == "missed"
    assert ask(sessions.get_session, session_id=session["id"])["state"] == "held"
    assert ask(bookings.check_in, booking_id=booking)["state"] == "attended"
    assert ask(bookings.undo_check_in, booking_id=booking)["state"] == "missed"


@pytest.mark.requirement("C14", "C32")
def test_the_bookings_of_a_contact_are_listed_by_state_and_time_page_by_page(ask):
    ada = a_guest(ask)
    made = [
        ask(bookings.book, session_id=a_session(ask, starts={"days": day})["id"], contact_id=ada) for day in (4, 2, 3)
    ]
    ask(bookings.cancel_booking, booking_id=made[1]["id"])
    page = ask(bookings.list_bookings, contact_id=ada, limit=2, sort="starts_at")
    rest = ask(bookings.list_bookings, contact_id=ada, limit=2, sort="starts_at", cursor=page["next"])
    assert [b["id"] for b in page["items"] + rest["items"]] == [made[1]["id"], made[2]["id"], made[0]["id"]]
    assert rest["next"] is None
    upcoming = ask(bookings.list_bookings, contact_id=ada, state="upcoming,attended")["items"]
    assert [b["id"] for b in upcoming] == [made[0]["id"], made[2]["id"]]
    soonest = ask(bookings.list_bookings, contact_id=ada, since=soon(days=3.5))["items"]
    assert [b["id"] for b in soonest] == [made[0]["id"]]
    with pytest.raises(Invalid):
        ask(bookings.list_bookings, contact_id=ada, state="upcoming,late")


@pytest.mark.requirement("C03", "C32")
def test_since_when_somebody_has_booked_is_told_by_the_bookings_that_stand(ask, subscriber, database, eventually):
    ada, bob = guests(ask, 2)
    listener = subscriber("contacts.events", "booking.*")
    first, second = (ask(bookings.book, session_id=a_session(ask)["id"], contact_id=ada) for _ in range(2))
    ask(bookings.cancel_booking, booking_id=first["id"])
    assert listener.wait_for("booking.cancelled", subject=ada).data["booked_since"] == second["made_at"]
    known = sa.text("SELECT first_booked_at FROM contacts WHERE id = :id")
    with database("contacts").connect() as connection:
        made_at = dt.datetime.fromisoformat(second["made_at"])
        eventually(lambda: connection.scalar(known, {"id": ada}), lambda since: since == made_at)
    ask(bookings.cancel_booking, booking_id=second["id"])
    assert listener.wait_for("booking.cancelled", subject=ada, count=2).data["booked_since"] is None

    last_place = a_session(ask, places=1)["id"]
    there = ask(bookings.book, session_id=last_place, contact_id=bob)
    waiting = ask(bookings.book, session_id=last_place, contact_id=ada)
    assert listener.wait_for("booking.waitlisted", subject=ada).data["booked_since"] is None
    ask(bookings.cancel_booking, booking_id=there["id"])
    assert listener.wait_for("booking.promoted", subject=ada).data["booked_since"] > waiting["made_at"]
