"""Other terms from today on: they cost what is not paid already, hold once that is paid, and lose nobody a day."""

from __future__ import annotations

from importlib import import_module

import pytest
import sqlalchemy as sa

from contracts.billing import accounts, credit, orders, packages, payments, subscriptions as told
from contracts.errors import Conflict, Invalid
from services.billing.assignments.model import Assignment
from services.billing.subscriptions.model import PaidDays
from services.billing.subscriptions.paid_days import worth_ahead
from services.billing.subscriptions.queries import subscription_of, today_of

pytestmark = pytest.mark.requirement("B05")


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
def year(studio):
    """A membership of a year at 60000."""
    terms = {"price": eur(60000), "cycle": {"unit": "year", "count": 1}}
    return studio.ask(packages.create_package, name="Year", kind="membership", **terms)


def changed_now(studio, gold, package):
    return studio.ask(told.change_subscription, subscription_id=gold["id"], package_id=package["id"], when="now")


def months_ahead(studio, gold, quantity):
    item = {"package_id": gold["package_id"], "quantity": quantity}
    order = studio.ask(orders.place_order, contact_id=gold["contact_id"], items=[item])
    studio.ask(payments.take_payment, order_id=order["id"], method="cash")
    return order


def dues(studio, gold):
    return studio.ask(accounts.get_account, contact_id=gold["contact_id"])["dues"]


def test_what_is_not_paid_leaves_the_terms_and_the_days(studio, year):
    gold = studio.a_member(card=False)
    months_ahead(studio, gold, 11)
    before = studio.now(gold)
    changed_now(studio, gold, year)
    assert dues(studio, gold) == [eur(60000 - 12 * 4900)]
    studio.live(until="2027-02-08", days=(1, 3, 7, 8))
    after = studio.now(gold)
    kept = ("state", "name", "expires_on", "next_charge_on", "planned", "open_renewal_id")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert (dues(studio, gold), [each["state"] for each in studio.renewals(gold)]) == ([], ["waived"])
    lines = studio.ask(told.list_subscription_changes, subscription_id=gold["id"])["items"]
    assert [line["what"] for line in lines[:2]] == ["subscription.change_withdrawn", "subscription.change_asked"]


@pytest.mark.parametrize("withdraw", [told.withdraw_change, told.cancel_subscription])
def test_a_change_that_is_not_paid_yet_is_withdrawn_but_not_while_somebody_pays_it(studio, year, withdraw):
    gold = studio.a_member(card=False)
    changed_now(studio, gold, year)
    (renewal,) = studio.renewals(gold)
    transfer = studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="bank_transfer")
    with pytest.raises(Conflict, match="under way"):
        studio.ask(withdraw, subscription_id=gold["id"])
    studio.ask(payments.reject_payment, payment_id=transfer["id"])
    after = studio.ask(withdraw, subscription_id=gold["id"])
    assert (after["planned"], after["open_renewal_id"], after["name"]) == (None, None, "Gold")
    assert (dues(studio, gold), after["ends_on"] in (None, gold["expires_on"])) == ([], True)


def test_what_is_paid_later_holds_from_the_day_on_which_it_was_asked_for(studio, year):
    gold = studio.a_member(card=False)
    studio.go("2027-02-14")
    changed_now(studio, gold, year)
    studio.go("2027-02-16")
    (renewal,) = studio.renewals(gold)
    assert renewal["amount"] == eur(60000 - 2450)
    studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="cash")
    after = studio.now(gold)
    assert (after["name"], after["expires_on"], after["next_charge_on"]) == ("Year", "2028-02-13", "2028-02-14")
    months = studio.ask(packages.create_package, name="Dear", kind="membership", price=eur(90000))
    studio.clockwork.now = studio.clockwork.now.replace(day=14)
    changed_now(studio, gold, months)  # all of the year is left: what was carried over counts as well
    assert studio.renewals(gold)[-1]["amount"] == eur(30000)


def test_what_was_given_back_or_given_away_is_not_taken_off_the_price(studio, year):
    gold = studio.a_member()
    studio.go("2027-02-28")
    (payment,) = studio.ask(payments.list_payments, renewal_id=studio.renewals(gold)[0]["id"])["items"]
    studio.ask(payments.refund_payment, payment_id=payment["id"], to="account_credit")
    studio.ask(payments.refund_order, order_id=months_ahead(studio, gold, 2)["id"])
    changed_now(studio, gold, year)
    assert studio.renewals(gold)[-1]["amount"] == eur(60000)


def test_an_order_that_awaits_its_payment_and_a_change_never_make_two_of_one(studio, year):
    gold, other = studio.a_member(), studio.a_member()
    item = {"package_id": year["id"]}
    order = studio.ask(orders.place_order, contact_id=gold["contact_id"], items=[item])
    for when in ("now", "end_of_cycle"):
        with pytest.raises(Conflict, match="awaits its payment") as refused:
            studio.ask(told.change_subscription, subscription_id=gold["id"], package_id=year["id"], when=when)
        assert refused.value.errors[0]["pointer"] == "/package_id"
    studio.ask(orders.cancel_order, order_id=order["id"])
    for each, when in ((gold, "now"), (other, "end_of_cycle")):
        studio.ask(told.change_subscription, subscription_id=each["id"], package_id=year["id"], when=when)
        with pytest.raises(Conflict, match="other terms") as refused:
            studio.ask(orders.place_order, contact_id=each["contact_id"], items=[item])
        [error] = refused.value.errors
        assert (error["pointer"], "will have “Year”" in error["detail"]) == ("/items/0/package_id", True)


def test_days_that_nobody_knows_who_paid_for_are_not_valued(studio, year):
    gold = studio.a_member()
    with studio.clockwork.work() as work:  # as a version before this one left it
        work.session.execute(sa.delete(PaidDays).where(PaidDays.subscription_id == gold["id"]))
    with pytest.raises(Invalid, match="not known") as refused:
        changed_now(studio, gold, year)
    assert refused.value.errors[0]["pointer"] == "/when"
    assert studio.renewals(gold) == []


def test_what_was_sold_before_paid_days_were_kept_is_worth_the_same(studio):
    gold, waived = studio.a_member(), studio.a_member()
    months_ahead(studio, gold, 2)
    studio.provider.mood = "declines"
    studio.go("2027-02-28")
    studio.ask(told.waive_renewal, renewal_id=studio.renewals(waived)[0]["id"])
    studio.provider.mood = None
    studio.go("2027-05-03")
    given_back = months_ahead(studio, gold, 1)
    but_a_cent = eur(given_back["total"]["amount"] - 1)
    studio.ask(payments.refund_order, order_id=given_back["id"], amount=but_a_cent)
    worths = [worth(studio, each) for each in (gold, waived)]
    assert len(studio.renewals(gold)) == 1
    assert worths[0] > 4000
    with studio.clockwork.work() as work:  # as a version before this one left it, with the days of what was given back
        of_it = Assignment.order_id == given_back["id"]
        work.session.execute(sa.update(Assignment).where(of_it).values(state="reversed"))
        work.session.execute(sa.delete(PaidDays).where(PaidDays.subscription_id.in_((gold["id"], waived["id"]))))
    migration = import_module("services.billing.migrations.versions.0022_paid_days_of_before")
    with studio.clockwork.work() as work:
        work.session.execute(sa.text(migration.KNOW_DAYS_OF_BEFORE))
    assert [worth(studio, each) for each in (gold, waived)] == [worths[0], None]


def worth(studio, gold):
    with studio.clockwork.work() as work:
        return worth_ahead(work, subscription_of(work, gold["id"]), today_of(work))


def test_who_buys_ahead_while_a_change_is_being_paid_keeps_the_terms_and_is_credited_what_comes(studio, year):
    gold = studio.a_member(card=False)
    changed_now(studio, gold, year)
    (renewal,) = studio.renewals(gold)
    transfer = studio.ask(payments.pay_renewal, renewal_id=renewal["id"], method="bank_transfer")
    months_ahead(studio, gold, 1)
    studio.ask(payments.approve_payment, payment_id=transfer["id"])
    after = studio.now(gold)
    assert (after["name"], after["expires_on"], after["planned"]) == ("Gold", "2027-03-27", None)
    assert studio.ask(credit.get_credit, contact_id=gold["contact_id"])["balances"] == [eur(60000 - 4900)]
    assert dues(studio, gold) == []
