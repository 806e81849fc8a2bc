"""The service history of a contact."""

from __future__ import annotations

import pytest

from contracts.access import ROLES
from contracts.contacts import bookings, facts, history
from contracts.contacts.team import TEAM_ROLES
from contracts.errors import NotFound
from tests.builders.people import a_colleague
from tests.builders.sessions import a_guest, a_session


@pytest.mark.requirement("C14", "C24")
def test_the_history_tells_what_was_booked_used_and_spent(ask, eventually):
    ada = a_guest(ask)
    upcoming = ask(bookings.book, session_id=a_session(ask, starts={"days": 4})["id"], contact_id=ada)
    sooner = ask(bookings.book, session_id=a_session(ask)["id"], contact_id=ada)
    gone = ask(bookings.book, session_id=a_session(ask)["id"], contact_id=ada)
    ask(bookings.cancel_booking, booking_id=gone["id"])
    came = []
    for title in ("Yoga", "Spin", "Yoga"):
        session = a_session(ask, title=title, starts={"minutes": -30 - len(came)})
        booking = ask(bookings.book, session_id=session["id"], contact_id=ada, even_if_started=True)
        came.append(ask(bookings.check_in, booking_id=booking["id"]))
    told = ask(history.get_service_history, contact_id=ada)
    assert told["counts"] == {
        "upcoming": 2, "waitlisted": 0, "attended": 3, "missed": 0, "cancelled": 1, "late_cancelled": 0,
    }  # fmt: skip
    assert [b["id"] for b in told["upcoming"]] == [sooner["id"], upcoming["id"]]
    assert [b["id"] for b in told["past"]] == [b["id"] for b in came]
    assert [b["id"] for b in told["cancelled"]] == [gone["id"]]
    assert [(s["kind"], s["title"], s["times"]) for s in told["services"]] == [
        ("class", "Yoga", 2),
        ("class", "Spin", 1),
    ]
    assert told["services"][0]["last_at"] == came[0]["starts_at"]
    assert told["spend"]["total"]["amount"] == 0
    assert told["subscription"]["state"] is None
    assert told["withheld"] == []
    figures = eventually(lambda: ask(facts.get_facts, contact_id=ada), lambda told: told["visits"] == 3)
    assert (figures["bookings"], figures["cancellations"]) == (5, 1)
    assert figures["last_booking_at"] == upcoming["starts_at"]
    assert figures["first_booking_at"] == came[-1]["starts_at"]
    with pytest.raises(NotFound):
        ask(history.get_service_history, contact_id=gone["id"])


@pytest.mark.parametrize("role", TEAM_ROLES)
@pytest.mark.requirement("C14", "G05")
def test_what_was_spent_is_for_who_may_see_billing(ask, role):
    ada = a_guest(ask)
    told = ask(history.get_service_history, contact_id=ada, actor=role)
    figures = ask(facts.get_facts, contact_id=ada, actor=role)
    sees = "billing.read" in ROLES[role]
    assert sees == (role not in ("practitioner", "dispatcher"))
    assert told["withheld"] == figures["withheld"] == ([] if sees else ["billing"])
    billed = [told["spend"], told["purchases"], *(figures[name] for name in ("spend", "lifetime_value", "dues"))]
    billed += [figures["purchases"], figures["other_currencies"]]
    assert [value is not None for value in billed] == [sees] * len(billed)
    assert (told["counts"]["upcoming"], figures["visits"], told["subscription"]["state"]) == (0, 0, None)


@pytest.mark.requirement("C13", "C14", "G05")
def test_over_http_profile_facts_and_history_show_money_to_who_may_see_it(ask, api):
    ada = a_guest(ask)
    for role, sees in (("staff", True), ("dispatcher", False)):
        them = api.as_(a_colleague(ask, role=role, password="a long password")["email"], "a long password")
        profile, told = (them.get(f"/contacts/{ada}/{what}").json() for what in ("profile", "service-history"))
        assert profile["missing"] == []
        assert ("billing" in profile["withheld"]) != sees
        for part in (profile["facts"], told):
            assert (part["withheld"], part["spend"] is None) == ([] if sees else ["billing"], not sees)
