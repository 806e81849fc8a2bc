"""Credits: granted by what billing says, used by bookings, given back in time."""

from __future__ import annotations

import datetime as dt

import pytest

from chassis.ids import new_id
from contracts.billing.orders import package_paid, package_reversed
from contracts.contacts import bookings, credits
from tests.builders.sessions import a_guest, a_session, guests

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def paid(billing_says, ask, eventually):
    """`paid(ada, number=3)`: a pack is paid for; answers its id once the credits, or what is `left`, are there."""
    positions = iter(range(1, 1000))

    def pay(contact_id, *, number=None, expires_on=None, pack_id=None, left=None):
        pack_id = pack_id or new_id()
        billing_says(package_paid, contact_id, next(positions), assignment_id=pack_id, name="Ten classes",
                     kind="credit_pack", since=TODAY, credits=number, expires_on=expires_on)  # fmt: skip
        there = number if left is None else left
        eventually(lambda: pack(ask, contact_id, pack_id), lambda seen: seen and seen["left"] == there)
        return pack_id

    pay.reverse = lambda contact_id, pack_id: billing_says(
        package_reversed, contact_id, next(positions), assignment_id=pack_id, name="Ten classes", kind="credit_pack",
        reason="refunded",
    )  # fmt: skip
    return pay


def pack(ask, contact_id, pack_id):
    packs = ask(credits.list_credits, contact_id=contact_id)["items"]
    return next((one for one in packs if one["id"] == pack_id), None)


def book(ask, session, contact):
    return ask(bookings.book, session_id=session["id"], contact_id=contact)


@pytest.mark.requirement("C33")
def test_a_booking_uses_the_credit_that_expires_first_and_gives_it_back_in_time(ask, paid, subscriber):
    listener = subscriber("contacts.events", "credit.*")
    ada = a_guest(ask)
    forever, soon = paid(ada, number=2), paid(ada, number=1, expires_on=TODAY + dt.timedelta(days=10))
    lapsing = paid(ada, number=1, expires_on=TODAY + dt.timedelta(days=1))
    first, second = book(ask, a_session(ask), ada), book(ask, a_session(ask), ada)
    # The pack that lapses tomorrow is not good for a class in three days.
    assert (first["credit_pack_id"], second["credit_pack_id"]) == (soon, forever)
    assert pack(ask, ada, lapsing)["left"] == 1
    assert ask(bookings.cancel_booking, booking_id=first["id"])["credit_pack_id"] is None
    assert (pack(ask, ada, soon)["left"], pack(ask, ada, forever)["left"]) == (1, 1)
    assert ask(credits.get_credit_pack, pack_id=soon, actor="practitioner") == pack(ask, ada, soon)
    told = listener.wait_for("credit.returned", subject=ada).data
    assert told == {"pack_id": soon, "name": "Ten classes", "booking_id": first["id"], "left": 1}
    lines = ask(credits.list_credit_entries, contact_id=ada, pack_id=soon)["items"]
    assert [(line["kind"], line["credits"], line["left"]) for line in lines] == [
        ("returned", 1, 1), ("used", -1, 0), ("granted", 1, 1),
    ]  # fmt: skip


@pytest.mark.requirement("C33")
def test_late_and_missed_keep_the_credit(ask, paid):
    ada = a_guest(ask)
    pack_id = paid(ada, number=5)
    late = book(ask, a_session(ask, starts={"hours": 2}), ada)
    gone = ask(bookings.cancel_booking, booking_id=late["id"])
    assert (gone["state"], gone["credit_pack_id"]) == ("late_cancelled", pack_id)
    past = ask(bookings.book, session_id=a_session(ask, starts={"minutes": -10})["id"], contact_id=ada,
               even_if_started=True)  # fmt: skip
    assert ask(bookings.mark_missed, booking_id=past["id"])["credit_pack_id"] == pack_id
    assert pack(ask, ada, pack_id)["left"] == 3


@pytest.mark.requirement("C32", "C33")
def test_who_waits_uses_no_credit_until_they_move_up(ask, paid):
    session = a_session(ask, places=1)
    ada, bo = guests(ask, 2)
    pack_id = paid(bo, number=1)
    first, second = book(ask, session, ada), book(ask, session, bo)
    assert second["credit_pack_id"] is None
    assert pack(ask, bo, pack_id)["left"] == 1
    ask(bookings.cancel_booking, booking_id=first["id"])
    assert ask(bookings.get_booking, booking_id=second["id"])["credit_pack_id"] == pack_id
    assert pack(ask, bo, pack_id)["left"] == 0


@pytest.mark.requirement("C33")
def test_a_reversed_pack_loses_what_is_left_and_a_new_payment_brings_it_back(ask, paid, eventually):
    ada = a_guest(ask)
    pack_id = paid(ada, number=3)
    kept, cancelled = book(ask, a_session(ask), ada), book(ask, a_session(ask), ada)
    paid.reverse(ada, pack_id)
    eventually(lambda: pack(ask, ada, pack_id), lambda there: there["reversed"] and there["left"] == 0)
    ask(bookings.cancel_booking, booking_id=cancelled["id"])
    assert pack(ask, ada, pack_id)["left"] == 0
    assert ask(bookings.get_booking, booking_id=kept["id"])["state"] == "upcoming"
    assert book(ask, a_session(ask), ada)["credit_pack_id"] is None
    paid(ada, number=3, pack_id=pack_id, left=2)  # one credit stays with the booking that was kept


@pytest.mark.requirement("C33")
def test_moving_a_booking_keeps_its_credit_while_the_pack_lasts(ask, paid):
    ada = a_guest(ask)
    pack_id = paid(ada, number=1, expires_on=TODAY + dt.timedelta(days=6))
    booking = book(ask, a_session(ask), ada)
    near, far = a_session(ask, starts={"days": 4}), a_session(ask, starts={"days": 20})
    moved = ask(bookings.reschedule_booking, booking_id=booking["id"], session_id=near["id"])
    assert (moved["credit_pack_id"], pack(ask, ada, pack_id)["left"]) == (pack_id, 0)
    moved = ask(bookings.reschedule_booking, booking_id=booking["id"], session_id=far["id"])
    assert (moved["credit_pack_id"], pack(ask, ada, pack_id)["left"]) == (None, 1)
