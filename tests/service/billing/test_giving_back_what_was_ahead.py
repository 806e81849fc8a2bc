"""What was bought ahead of a running membership is given back: its days go, those that were used stay."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from contracts.billing import drafts, invoices, orders, packages, payments, plans, subscriptions as told
from contracts.errors import Conflict
from services.billing.cards import ProviderUnreachable
from services.billing.payments import refunding
from tests.service.billing.collecting import THREE, Collecting

pytestmark = pytest.mark.requirement("B05", "B06")
NOT_OF_TERMS = ("version", "assignment_id")


@pytest.fixture
def studio(studio, monkeypatch):
    monkeypatch.setattr(refunding, "provider_called", lambda _name: studio.provider)
    return studio


def ordered(studio, gold: dict[str, Any], quantity: int = 1, **more: Any) -> dict[str, Any]:
    item = {"package_id": gold["package_id"], "quantity": quantity}
    return studio.ask(orders.place_order, contact_id=gold["contact_id"], items=[item], **more)


def ahead(studio, gold: dict[str, Any], quantity: int = 1, method: str = "cash") -> dict[str, Any]:
    order = ordered(studio, gold, quantity)
    studio.ask(payments.take_payment, order_id=order["id"], method=method)
    return order


def first_order(studio, gold: dict[str, Any]) -> dict[str, Any]:
    return studio.ask(orders.list_orders, contact_id=gold["contact_id"])["items"][-1]


def give_back(studio, order: dict[str, Any]) -> None:
    studio.ask(payments.refund_order, order_id=order["id"], reason="changed their mind")


def terms(studio, gold: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in studio.now(gold).items() if name not in NOT_OF_TERMS}


def days(studio, gold: dict[str, Any]) -> tuple[str, str, str]:
    now = studio.now(gold)
    return now["state"], now["expires_on"], now["next_charge_on"]


def states(studio, gold: dict[str, Any]) -> list[str]:
    found = studio.ask(orders.list_assignments, contact_id=gold["contact_id"])["items"]
    return [each["state"] for each in found][::-1]


def of_order(studio, order):
    give_back(studio, order)


def of_payment(studio, order):
    [payment] = studio.ask(payments.list_payments, order_id=order["id"])["items"]
    studio.ask(payments.refund_payment, payment_id=payment["id"])


def of_item(studio, order):
    item = {"item_id": order["items"][0]["id"]}
    studio.ask(payments.refund_order, order_id=order["id"], items=[item])


def as_credit(studio, order):
    studio.ask(payments.refund_order, order_id=order["id"], to="account_credit")


@pytest.mark.parametrize("method", ["cash", "card"])
@pytest.mark.parametrize("by", [of_order, of_payment, of_item, as_credit])
@pytest.mark.parametrize("quantity", [1, 12])
def test_given_back_before_a_day_of_it_was_used_it_is_as_if_it_never_was(studio, by, quantity, method):
    gold = studio.a_member()
    before = terms(studio, gold)
    order = ahead(studio, gold, quantity, method)
    assert terms(studio, gold) != before
    by(studio, order)
    assert (terms(studio, gold), states(studio, gold)) == (before, ["active", "reversed"])
    studio.live(until="2027-03-31", days=(28, 31))
    starts = [renewal["starts_on"] for renewal in studio.renewals(gold)]
    assert starts == ["2027-02-28", "2027-03-31"]  # of the 31st, as before


def test_it_is_told_with_the_reason_and_once(studio):
    gold = studio.a_member()
    studio.clockwork.told()
    give_back(studio, ahead(studio, gold))
    events = studio.clockwork.told(told.subscription_prepaid, told.subscription_shortened, told.subscription_cancelled)
    assert [event.type for event in events] == ["subscription.prepaid", "subscription.shortened"]
    said = events[-1].data
    assert (said["reason"], str(said["expires_on"]), str(said["next_charge_on"])) == (
        "changed their mind", "2027-02-27", "2027-02-28",
    )  # fmt: skip
    assert said["changes"]["expires_on"] == {"before": "2027-03-27", "after": "2027-02-27"}


def test_days_that_were_used_stay_and_the_next_one_is_charged(studio):
    gold = studio.a_member()
    order = ahead(studio, gold)
    studio.go("2027-03-10")
    give_back(studio, order)
    assert days(studio, gold) == ("active", "2027-03-10", "2027-03-11")
    studio.run()
    assert studio.renewals(gold) == []  # whoever is given money back is not charged on the same day
    studio.go("2027-03-11")
    assert [renewal["starts_on"] for renewal in studio.renewals(gold)] == ["2027-03-11"]
    assert days(studio, gold) == ("active", "2027-04-10", "2027-04-11")


def test_when_all_days_were_used_none_are_taken(studio):
    gold = studio.a_member()
    order = ahead(studio, gold)
    studio.live(until="2027-03-28", days=(28,))
    renewed = days(studio, gold)
    give_back(studio, order)
    assert days(studio, gold) == renewed == ("active", "2027-04-27", "2027-04-28")


def test_a_part_given_back_leaves_the_days(studio):
    gold = studio.a_member()
    order = ahead(studio, gold)
    longer = terms(studio, gold)
    studio.ask(payments.refund_order, order_id=order["id"], amount={"amount": 100, "currency": "EUR"})
    assert terms(studio, gold) == longer


def test_the_days_of_others_come_so_much_sooner_in_whatever_order_they_are_given_back(studio):
    """Of what began it and two that were bought ahead each is given back or kept, in every order."""
    left: dict[frozenset[int], set[Any]] = {}
    for gone in itertools.chain.from_iterable(itertools.permutations(range(3), many) for many in (1, 2, 3)):
        gold = studio.a_member(card=False)
        sold = [first_order(studio, gold), ahead(studio, gold), ahead(studio, gold, 2)]
        for place in gone:
            give_back(studio, sold[place])
        found = days(studio, gold)
        left.setdefault(frozenset(gone), set()).add(found if found[0] == "active" else found[:1])
    assert {tuple(sorted(gone)): found for gone, found in left.items()} == {
        (0,): {("active", "2027-04-30", "2027-05-01")},  # the day on which it is given back was used
        (1,): {("active", "2027-04-29", "2027-04-30")},
        (2,): {("active", "2027-03-27", "2027-03-28")},
        (0, 1): {("active", "2027-04-02", "2027-04-03")},
        (0, 2): {("active", "2027-02-28", "2027-03-01")},
        (1, 2): {("active", "2027-02-27", "2027-02-28")},
        (0, 1, 2): {("cancelled",)},
    }


def test_given_back_what_began_it_goes_on_with_what_was_bought_ahead(studio):
    gold = studio.a_member()
    other = ahead(studio, gold)
    give_back(studio, first_order(studio, gold))
    now = studio.now(gold)
    assert (now["state"], now["expires_on"], now["next_charge_on"]) == ("active", "2027-02-28", "2027-03-01")
    assert now["assignment_id"] == other["items"][0]["assignment_id"]
    assert states(studio, gold) == ["reversed", "active"]
    studio.go("2027-03-01")
    assert days(studio, gold) == ("active", "2027-03-31", "2027-04-01")
    give_back(studio, other)
    assert days(studio, gold) == ("active", "2027-03-31", "2027-04-01")  # which a renewal paid for
    assert states(studio, gold) == ["reversed", "active"]


@pytest.mark.parametrize("day", ["2027-02-28", "2027-03-10", "2027-03-30"])
def test_given_back_what_began_it_goes_on_with_what_renewals_paid_for(studio, day):
    gold = studio.a_member()
    studio.live(until=day, days=(28,))
    studio.go(day)  # the last one is paid for until the end of that day
    before = studio.now(gold)
    give_back(studio, first_order(studio, gold))
    assert (studio.now(gold), states(studio, gold)) == (before, ["active"])
    studio.go("2027-03-31")
    assert days(studio, gold) == ("active", "2027-04-29", "2027-04-30")


@pytest.mark.parametrize("given_back", [True, False])
def test_a_renewal_that_was_given_back_or_is_not_paid_keeps_nothing(studio, given_back):
    gold = studio.a_member()
    studio.provider.mood = None if given_back else "declines"
    studio.go("2027-02-28")
    if given_back:
        [renewed, _] = studio.ask(payments.list_payments, contact_id=gold["contact_id"])["items"]
        studio.ask(payments.refund_payment, payment_id=renewed["id"])
    assert [renewal["state"] for renewal in studio.renewals(gold)] == ["refunded" if given_back else "open"]
    give_back(studio, first_order(studio, gold))
    assert (studio.now(gold)["state"], states(studio, gold)) == ("cancelled", ["reversed"])


def test_a_day_in_use_that_another_order_paid_for_is_not_lost(studio):
    gold = studio.a_member(card=False)
    ahead(studio, gold)
    studio.go("2027-03-27")
    give_back(studio, first_order(studio, gold))
    assert days(studio, gold) == ("active", "2027-03-27", "2027-03-28")
    assert states(studio, gold) == ["reversed", "active"]


def test_while_it_is_paused_no_day_is_used(studio):
    gold = studio.a_member()
    order = ahead(studio, gold)
    studio.go("2027-03-10")
    studio.ask(told.pause_subscription, subscription_id=gold["id"])
    studio.go("2027-03-20")
    give_back(studio, order)
    studio.ask(told.resume_subscription, subscription_id=gold["id"])
    assert days(studio, gold) == ("active", "2027-03-19", "2027-03-20")


def test_who_is_to_leave_leaves_as_before(studio):
    gold = studio.a_member(commitment=2)
    studio.ask(told.cancel_subscription, subscription_id=gold["id"])
    before = terms(studio, gold)
    give_back(studio, ahead(studio, gold, 12))
    assert terms(studio, gold) == before
    assert before["ends_on"] == "2027-03-30"


def test_other_terms_that_were_reckoned_with_these_days_are_wanted_no_longer(studio):
    gold = studio.a_member(card=False)
    order = ahead(studio, gold)
    before = {"subscription_id": gold["id"], "when": "now"}
    dear = {"amount": 99000, "currency": "EUR"}
    platinum = studio.ask(packages.create_package, name="Platinum", kind="membership", price=dear)
    studio.ask(told.change_subscription, **before, package_id=platinum["id"])
    give_back(studio, order)
    now = studio.now(gold)
    assert (now["planned"], now["open_renewal_id"], now["expires_on"]) == (None, None, "2027-02-27")
    assert [renewal["state"] for renewal in studio.renewals(gold)] == ["waived"]


def test_a_card_whose_answer_is_late_takes_the_days_when_it_comes(studio, monkeypatch):
    def lost(*_: Any, **__: Any) -> None:
        raise ProviderUnreachable

    gold = studio.a_member()
    before = terms(studio, gold)
    order = ahead(studio, gold, method="card")
    longer = terms(studio, gold)
    with monkeypatch.context() as patch:
        patch.setattr(studio.provider, "give_back", lost)
        give_back(studio, order)
    assert terms(studio, gold) == longer
    [payment] = studio.ask(payments.list_payments, order_id=order["id"])["items"]
    for _ in range(2):
        with studio.clockwork.work() as work:
            item = {"payment_id": payment["id"], "refund_id": payment["refunds"][0]["id"]}
            refunding.settle_refund(work, item, None)
    assert terms(studio, gold) == before


def test_a_transfer_that_is_rejected_gives_no_days_and_takes_none(studio):
    gold = studio.a_member()
    before = terms(studio, gold)
    order = ordered(studio, gold)
    pending = studio.ask(payments.take_payment, order_id=order["id"], method="bank_transfer")
    studio.ask(payments.reject_payment, payment_id=pending["id"])
    assert terms(studio, gold) == before
    again = studio.ask(payments.take_payment, order_id=order["id"], method="bank_transfer")
    studio.ask(payments.approve_payment, payment_id=again["id"])
    with pytest.raises(Conflict):
        studio.ask(payments.reject_payment, payment_id=again["id"])
    give_back(studio, order)
    assert terms(studio, gold) == before


def test_days_of_a_draft_and_those_that_cost_nothing_go_as_well(studio):
    gold = studio.a_member()
    before = terms(studio, gold)
    draft = studio.ask(
        drafts.draft_order, contact_id=gold["contact_id"], items=[{"package_id": gold["package_id"]}]
    )  # fmt: skip
    placed = studio.ask(drafts.place_draft, order_id=draft["id"])
    studio.ask(payments.take_payment, order_id=placed["id"], method="cash")
    give_back(studio, placed)
    assert terms(studio, gold) == before
    gift = ordered(studio, gold, discount={"basis_points": 10000, "reason": "a gift"})
    assert terms(studio, gold) != before
    studio.ask(orders.cancel_order, order_id=gift["id"])
    assert terms(studio, gold) == before


@pytest.mark.requirement("B08")
def test_written_off_what_began_it_by_instalments_leaves_what_another_order_paid_for(studio):
    collecting = Collecting(studio)
    year = collecting.an_order(plan=THREE | {"instalments": 12}, kind="membership", cycle={"unit": "year"})
    [gold] = studio.ask(told.list_subscriptions, contact_id=year["contact_id"])["items"]
    ahead(studio, gold)
    assert studio.ask(plans.get_payment_plan, payment_plan_id=year["payment_plan_id"])["state"] == "active"
    studio.ask(invoices.write_off_invoice, invoice_id=year["invoice_id"], reason="moved abroad")
    assert days(studio, gold) == ("active", "2028-02-01", "2028-02-02")
    assert states(studio, gold) == ["ended", "active"]
