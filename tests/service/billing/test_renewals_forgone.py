"""Cycles that nobody wants any more are not charged, whatever was on its way; and one charge keeps no other waiting."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from contracts.billing import accounts, cards, credit, orders, packages, payments, subscriptions as told
from services.acquaintance import known_contacts
from services.billing.payments.charging import PATIENCE

pytestmark = pytest.mark.requirement("B05", "B15")
EUR_49 = {"amount": 4900, "currency": "EUR"}


def its_order(studio, gold):
    return studio.ask(orders.list_orders, contact_id=gold["contact_id"])["items"][-1]


def charged(studio, gold):
    """How often the run took money for it."""
    mine = studio.ask(payments.list_payments, contact_id=gold["contact_id"], state="taken")["items"]
    return len([payment for payment in mine if payment["recurring"]])


def begun(studio):
    """What falls due is claimed to be charged the next time."""
    return next(items for _ in range(3) if (items := studio.claimed()))


def given_back(studio, gold):
    studio.ask(payments.refund_order, order_id=its_order(studio, gold)["id"])


def bought_ahead(studio, gold):
    item = {"package_id": gold["package_id"], "quantity": 12}
    order = studio.ask(orders.place_order, contact_id=gold["contact_id"], items=[item])
    studio.ask(payments.take_payment, order_id=order["id"], method="cash")


@pytest.mark.parametrize(("forgone", "state"), [(given_back, "cancelled"), (bought_ahead, "active")])
def test_a_cycle_that_is_forgone_while_a_transfer_is_on_its_way_is_struck_when_that_is_rejected(studio, forgone, state):
    gold = studio.a_member(card=False)
    studio.go("2027-02-28")
    (renewal,) = studio.renewals(gold)
    transfer = studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="bank_transfer")
    forgone(studio, gold)
    studio.ask(payments.reject_payment, payment_id=transfer["id"])
    studio.ask(cards.add_card, contact_id=gold["contact_id"], payment_method="tok")
    studio.go("2027-03-02")
    assert (charged(studio, gold), studio.now(gold)["state"]) == (0, state)
    assert [each["state"] for each in studio.renewals(gold)] == ["waived"]
    assert studio.ask(accounts.get_account, contact_id=gold["contact_id"])["dues"] == []


@pytest.mark.parametrize(("mood", "state", "balance"), [("declines", "waived", []), (None, "refunded", [EUR_49])])
def test_a_charge_in_flight_of_a_membership_that_is_over_is_not_tried_again_and_what_it_took_is_credit(
    studio, mood, state, balance
):
    gold = studio.a_member()
    studio.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    items = begun(studio)
    given_back(studio, gold)
    studio.provider.mood = mood
    while items:
        studio.charge(items)
        items = studio.claimed()
    studio.provider.mood = None
    studio.go("2027-03-02")
    assert [each["state"] for each in studio.renewals(gold)] == [state]
    assert len(studio.ask(payments.list_payments, renewal_id=studio.renewals(gold)[0]["id"])["items"]) == 1
    assert studio.ask(credit.get_credit, contact_id=gold["contact_id"])["balances"] == balance
    assert studio.ask(accounts.get_account, contact_id=gold["contact_id"])["dues"] == []


def test_a_charge_that_breaks_keeps_no_other_waiting(studio, monkeypatch):
    broken, whole = studio.a_member(), studio.a_member()
    (card,) = studio.ask(cards.list_cards, contact_id=broken["contact_id"])["items"]
    prepare = studio.provider.prepare

    def breaks(*, token, **asked):
        if token == f"card_{card['id']}":
            raise KeyError("the provider has a new word")
        return prepare(**asked)

    with monkeypatch.context() as patch:
        patch.setattr(studio.provider, "prepare", breaks)
        studio.go("2027-02-28")
        assert (charged(studio, broken), charged(studio, whole)) == (0, 1)
        studio.clockwork.now += PATIENCE
        again = {charge["token"] for item in studio.claimed() for charge in item["charges"]}
        assert f"card_{card['id']}" not in again  # it waits until somebody may have looked
    studio.clockwork.now += dt.timedelta(hours=1)
    studio.run()
    assert charged(studio, broken) == 1


def test_days_on_which_nobody_ran_are_no_tries(studio):
    gold = studio.a_member()
    studio.provider.mood = "declines"
    studio.go("2027-02-28")
    studio.go("2027-03-08")
    (renewal,) = studio.renewals(gold)
    assert (renewal["failures"], renewal["next_try_on"]) == (2, "2027-03-09")


def test_who_is_archived_is_charged_when_they_are_restored(studio):
    gold = studio.a_member()

    def stand(standing):
        mine = sa.update(known_contacts).where(known_contacts.c.contact_id == gold["contact_id"])
        with studio.clockwork.work() as work:
            work.session.execute(mine.values(standing=standing))

    stand("archived")
    studio.go("2027-02-28")
    assert studio.renewals(gold) == []
    stand("active")
    studio.provider.mood = "declines"
    studio.go("2027-03-01")
    stand("archived")
    studio.go("2027-03-05")
    (renewal,) = studio.renewals(gold)
    assert renewal["failures"] == 1


@pytest.mark.parametrize(("lost", "times"), [(False, 0), (True, 1)])
def test_a_card_that_is_removed_meanwhile_is_charged_no_more_but_what_it_paid_counts(studio, lost, times):
    gold = studio.a_member()
    studio.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    studio.charge(begun(studio))  # announced: no money moved yet
    if lost:
        studio.provider.mood = "loses"
        studio.charge(studio.claimed())
        studio.clockwork.now += PATIENCE
    (card,) = studio.ask(cards.list_cards, contact_id=gold["contact_id"])["items"]
    studio.ask(cards.remove_card, card_id=card["id"])
    studio.provider.mood = None
    studio.run()
    (renewal,) = studio.renewals(gold)
    (payment,) = studio.ask(payments.list_payments, renewal_id=renewal["id"])["items"]
    assert (charged(studio, gold), studio.provider.taken[f"ref_{payment['id']}"]) == (times, times)


def test_what_becomes_free_by_plan_expires_no_more(studio):
    gold = studio.a_member()
    free = {"amount": 0, "currency": "EUR"}
    package = studio.ask(packages.create_package, name="Free", kind="membership", price=free)
    studio.ask(told.change_subscription, subscription_id=gold["id"], package_id=package["id"])
    studio.go("2027-02-28")
    (has,) = studio.ask(orders.list_assignments, contact_id=gold["contact_id"])["items"]
    assert (studio.now(gold)["expires_on"], has["expires_on"]) == (None, None)
