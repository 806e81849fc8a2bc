"""What makes a customer is a setting, and what ends makes a former one."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from chassis.jobs import Job
from chassis.tables import jobs
from chassis.told import Told
from contracts.billing.orders import package_ended, package_paid, package_reversed
from contracts.contacts import bookings, people, settings
from contracts.contacts.people import contact_changed, contact_lifecycle_changed
from contracts.contacts.settings import ChangeSettings, settings_changed
from contracts.language import Event
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.rules import Draft, read_card
from services.contacts.contact import reactions
from services.contacts.contact.model import Contact
from services.contacts.settings.actions import change_settings
from services.contacts.settings.model import Setting
from services.contacts.settings.queries import forget
from tests.builders.people import a_lead
from tests.builders.sessions import a_session
from tests.builders.works import Clockwork, a_clockwork

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
_positions = itertools.count(1)


@pytest.mark.requirement("C03", "C05")
def test_when_what_made_the_customer_ends_they_become_a_former_one(ask, subscriber, billing_says):
    listener = subscriber("contacts.events", "contact.*")
    lead, gold, silver = a_lead(ask)["id"], new_id(), new_id()
    for assignment, name in ((gold, "Gold"), (silver, "Silver")):
        told = {"name": name, "kind": "membership", "since": dt.date(2026, 3, 1)}
        billing_says(package_paid, lead, next(_positions), assignment_id=assignment, **told)
    listener.wait_for("contact.lifecycle_changed", subject=lead)
    number = ask(people.get_contact, contact_id=lead)["membership_number"]
    for assignment, name in ((gold, "Gold"), (silver, "Silver")):
        told = {"name": name, "reason": "cancelled", "ended_at": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}
        billing_says(package_ended, lead, next(_positions), assignment_id=assignment, **told)
    listener.wait_for("contact.lifecycle_changed", subject=lead, count=2)
    former = ask(people.get_contact, contact_id=lead)
    assert former["lifecycle"] == {
        "state": "former_customer",
        "reason": "former customer since 2026-11-01: membership Silver ended",
        "since": "2026-11-01T00:00:00Z",
    }
    assert (former["membership_number"], former["customer_since"]) == (number, "2026-03-01")
    for assignment, name in ((gold, "Gold"), (silver, "Silver")):
        told = {"assignment_id": assignment, "name": name, "reason": "refunded"}
        billing_says(package_reversed, lead, next(_positions), **told)
    listener.wait_for("contact.lifecycle_changed", subject=lead, count=3)
    again = ask(people.get_contact, contact_id=lead)
    assert (again["lifecycle"]["state"], again["membership_number"]) == ("lead", number)


@pytest.mark.requirement("C03", "G10")
def test_another_policy_judges_everybody_anew_and_tells_of_who_changes(ask, subscriber, billing_says):
    listener = subscriber("contacts.events", "#")
    member, walker = a_lead(ask)["id"], a_lead(ask)["id"]
    told = {"name": "Gold", "kind": "membership", "since": dt.date(2026, 3, 1)}
    billing_says(package_paid, member, next(_positions), assignment_id=new_id(), **told)
    listener.wait_for("contact.lifecycle_changed", subject=member)
    try:
        ask(settings.change_settings, lifecycle_policy="subscription_and_booking")
        back = listener.wait_for("contact.lifecycle_changed", subject=member, count=2)
        assert (back.data["after"], back.data["reason"]) == ("lead", "lead: membership Gold, but no booking yet")
    finally:
        ask(settings.change_settings, lifecycle_policy=None)
    assert listener.wait_for("contact.lifecycle_changed", subject=member, count=3).data["after"] == "customer"
    judged = {"contact.changed", "contact.lifecycle_changed"}
    assert not [event for event in listener.heard if event.subject == walker and event.type in judged]


@pytest.mark.requirement("C03", "C32")
def test_a_member_who_books_becomes_a_customer_and_is_none_when_no_booking_stands(ask, subscriber, billing_says):
    session, member = a_session(ask), a_lead(ask)["id"]
    listener = subscriber("contacts.events", "contact.*")
    told = {"kind": "membership", "since": dt.date(2026, 3, 1)}
    try:
        ask(settings.change_settings, lifecycle_policy="subscription_and_booking")
        billing_says(package_paid, member, next(_positions), assignment_id=new_id(), name="Gold", **told)
        listener.wait_for("contact.changed", subject=member)  # the reason
        booking = ask(bookings.book, session_id=session["id"], contact_id=member)
        became = listener.wait_for("contact.lifecycle_changed", subject=member).data
        assert (became["after"], became["reason"][-29:]) == ("customer", ": membership Gold, and booked")
        assert ask(people.get_contact, contact_id=member)["customer_since"] == became["since"][:10]
        ask(bookings.cancel_booking, booking_id=booking["id"])
        back = listener.wait_for("contact.lifecycle_changed", subject=member, count=2).data
        assert (back["after"], back["reason"]) == ("lead", "lead: membership Gold, but no booking yet")
    finally:
        ask(settings.change_settings, lifecycle_policy=None)
    listener.wait_for("contact.lifecycle_changed", subject=member, count=3)


@pytest.mark.requirement("C03")
def test_everybody_is_judged_in_steps_and_who_changes_is_told_once(servers, monkeypatch):
    monkeypatch.setattr(reactions, "CONTACTS_A_STEP", 7)
    with a_clockwork(servers, now=NOW) as clockwork:
        ids = _enter(clockwork, 20)
        _hear(clockwork, package_paid, ids, name="Gold", kind="membership", since=NOW.date())
        _hear_bookings(clockwork, ids[::2], first_booking_at=NOW + dt.timedelta(days=3))
        clockwork.told(contact_lifecycle_changed)

        steps = _follow(clockwork, "subscription_and_booking")
        assert steps == 3
        assert _states(clockwork, ids) == ["customer", "lead"] * 10
        told = clockwork.told(contact_lifecycle_changed, contact_changed)
        gone = {event.subject for event in told if event.type == "contact.lifecycle_changed"}
        assert gone == set(ids[1::2])
        assert len(told) == 20  # the others are customers for another reason now
        _hear_bookings(clockwork, ids[:1], first_booking_at=None)
        assert _states(clockwork, ids[:1]) == ["lead"]

        _follow(clockwork, "paid_package")
        assert _states(clockwork, ids) == ["customer"] * 20
        numbers = _column(clockwork, ids, Contact.membership_number)
        assert len(set(numbers)) == 20
        assert _follow(clockwork, "paid_package") == 0


@pytest.mark.requirement("C03", "O03")
def test_of_several_bookings_the_one_that_makes_a_customer_is_named(servers):
    with a_clockwork(servers, now=NOW) as clockwork:
        _follow(clockwork, "subscription_and_booking")
        [member] = _enter(clockwork, 1)
        _hear(clockwork, package_paid, [member], name="Gold", kind="membership", since=NOW.date())
        first, second = (replace(_booked(member, NOW), request_id=request) for request in ("the first", "the second"))
        clockwork.hears(reactions.weigh_bookings, [first, second])
        [told] = clockwork.told(contact_lifecycle_changed)
        assert (told.data.after, told.request_id) == ("customer", "the first")


@pytest.mark.requirement("C03")
def test_nobody_is_judged_by_a_policy_that_another_process_has_changed(servers):
    with a_clockwork(servers, now=NOW) as clockwork:
        [member] = _enter(clockwork, 1)  # which remembers the settings
        with clockwork.work() as work:
            policy = {"key": "lifecycle_policy", "value": "subscription_and_booking"}
            work.session.add(Setting(version=2, changed_at=NOW, **policy))
        _hear(clockwork, package_paid, [member], name="Gold", kind="membership", since=NOW.date())
        assert _states(clockwork, [member]) == ["lead"]
    forget()


def _enter(clockwork: Clockwork, count: int) -> list[str]:
    with clockwork.work() as work:
        cards = [read_card({"first_name": f"Ada {n}"}, region="GB", today=NOW.date()) for n in range(count)]
        return [one.contact_id or "" for one in add_contacts(work, [Draft(card) for card in cards])]


def _hear(clockwork: Clockwork, event: Event, ids: list[str], **data: Any) -> None:
    for contact_id in ids:
        with clockwork.work() as work:
            reactions.weigh_package(work, _told(event, contact_id, assignment_id=new_id(), **data))


def _hear_bookings(clockwork: Clockwork, ids: list[str], *, first_booking_at: dt.datetime | None) -> None:
    with clockwork.work() as work:
        reactions.weigh_bookings(work, [_booked(contact_id, first_booking_at) for contact_id in ids])


def _booked(contact_id: str, first_booking_at: dt.datetime | None) -> Told:
    figures = dict.fromkeys(("bookings", "upcoming", "visits", "no_shows", "cancellations", "late_cancellations"), 1)
    session = {"booking_id": new_id(), "session_id": new_id(), "title": "Yoga", "kind": "class", "state": "upcoming"}
    data = figures | session | {"starts_at": NOW, "first_booking_at": first_booking_at}
    return _told(bookings.booking_made, contact_id, **data)


def _told(event: Event, contact_id: str, **data: Any) -> Told:
    plain = event.data().dump(data)
    loaded = event.load(plain)
    return Told(new_id(), event.type, "/rapport/x", contact_id, NOW, next(_positions), loaded, None, None, plain)


def _follow(clockwork: Clockwork, policy: str) -> int:
    """Change the policy, and do what the house does about it; how many steps it took."""
    with clockwork.work() as work:
        change_settings(work, ChangeSettings().load({"lifecycle_policy": policy}))
    for event in clockwork.told(settings_changed):
        with clockwork.work() as work:
            reactions.follow_policy(work, event)
    steps = 0
    with clockwork.work() as work:
        for row in work.session.execute(sa.delete(jobs).returning(jobs)).all():
            job = Job(row)
            while job.state == "running":
                reactions.judge_next_contacts(work, job)
                steps += 1
            assert job.error is None
    return steps


def _states(clockwork: Clockwork, ids: list[str]) -> list[str]:
    return _column(clockwork, ids, Contact.lifecycle)


def _column(clockwork: Clockwork, ids: list[str], column: Any) -> list[Any]:
    with clockwork.reading() as work:
        found = dict(work.session.execute(sa.select(Contact.id, column).where(Contact.id.in_(ids))).tuples().all())
    return [found[contact_id] for contact_id in ids]
