"""Orders by instalments through the months: the clock is moved, nobody waits."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from contracts.billing import cards, credit, invoices, orders, packages, payments, plans, subscriptions
from contracts.errors import Conflict
from services.acquaintance import known_contacts
from services.billing.payments import asking
from tests.service.billing.collecting import THREE, Collecting

pytestmark = pytest.mark.requirement("B08")


@pytest.fixture
def collecting(studio) -> Collecting:
    return Collecting(studio)


def days_of(payments):
    return [each["asked_at"][:10] for each in payments]


@pytest.mark.requirement("B10", "B15", "P07")
def test_a_course_begins_with_its_first_instalment_and_the_others_are_charged_on_their_days(collecting):
    order = collecting.an_order(begun=False)
    first, second, third = collecting.instalments(order)
    assert [each["due_on"] for each in (first, second, third)] == ["2027-01-31", "2027-02-28", "2027-03-31"]
    assert [each["amount"]["amount"] for each in (first, second, third)] == [3334, 3333, 3333]
    assert [each["state"] for each in (first, second, third)] == ["due", "planned", "planned"]
    collecting.live(until="2027-02-02")  # nobody has paid at the till yet, and nobody's card is charged for that
    assert (collecting.payments(order), collecting.package(order)) == ([], "awaiting_payment")
    collecting.ask(payments.pay_instalment, instalment_id=first["id"], method="cash")
    plan = collecting.plan(order)
    assert (plan["paid"]["amount"], plan["left"]["amount"], plan["next_charge_on"]) == (3334, 6666, "2027-02-28")
    assert (collecting.package(order), collecting.dues(order)) == ("active", 6666)
    collecting.live(until="2027-04-02")
    charged = collecting.payments(order)[1:]
    assert days_of(charged) == ["2027-02-28", "2027-03-31"]
    assert [each["instalment_id"] for each in charged] == [second["id"], third["id"]]
    assert {(each["state"], each["recurring"], each["method"]) for each in charged} == {("taken", True, "card")}
    assert (collecting.plan(order)["state"], collecting.order(order)["state"]) == ("paid", "paid")
    assert (collecting.dues(order), collecting.balanced(order)) == (0, True)
    assert collecting.told(order) == [
        "package.assigned", "order.placed", "payment_plan.made",
        "instalment.paid", "payment_plan.begun", "package.paid",
        "instalment.due", "instalment.paid", "instalment.due", "instalment.paid", "payment_plan.paid",
    ]  # fmt: skip
    history = collecting.ask(plans.list_payment_plan_changes, payment_plan_id=plan["id"])["items"]
    assert [(line["what"], line["instalment"]) for line in history[:2]] == [
        ("payment_plan.paid", None),
        ("instalment.paid", 3),
    ]


def test_what_fails_is_tried_after_one_three_and_seven_days_and_then_the_plan_is_past_due(collecting):
    order = collecting.an_order()
    collecting.provider.mood = "declines"
    collecting.live(until="2027-03-06")
    assert collecting.plan(order)["state"] == "active"
    collecting.live(until="2027-04-05")
    assert days_of(collecting.payments(order)[1:]) == ["2027-02-28", "2027-03-01", "2027-03-03", "2027-03-07"]
    late = collecting.plan(order)
    assert (late["state"], late["past_due_since"], late["next_charge_on"]) == ("past_due", "2027-03-07", None)
    second = collecting.instalments(order)[1]
    assert (second["state"], second["failures"], second["reason"]) == ("due", 4, "card_declined")
    collecting.provider.mood = None
    collecting.live(until="2027-04-08")
    assert len(collecting.payments(order)) == 5  # past due, it is charged no further
    collecting.pay_next(order)
    again = collecting.plan(order)
    assert (again["state"], again["next_charge_on"]) == ("active", "2027-04-09")  # the third is late by now
    collecting.live(until="2027-04-10")
    assert collecting.plan(order)["state"] == "paid"
    assert collecting.told(order).count("instalment.failed") == 4
    assert [type for type in collecting.told(order) if type.startswith("payment_plan")][2:] == [
        "payment_plan.past_due", "payment_plan.caught_up", "payment_plan.paid",
    ]  # fmt: skip


def test_without_a_card_an_instalment_stays_open_and_one_that_is_added_is_charged(collecting):
    order = collecting.an_order(card=False)
    collecting.live(until="2027-03-01")
    second = collecting.instalments(order)[1]
    assert (second["failures"], second["state"]) == (2, "due")
    assert len(collecting.payments(order)) == 1
    collecting.ask(cards.add_card, contact_id=order["contact_id"], payment_method="tok")
    collecting.live(until="2027-03-03")
    assert collecting.instalments(order)[1]["state"] == "paid"


def test_what_nobody_charges_by_itself_falls_behind_as_well_and_is_tried_when_somebody_says_so(collecting):
    order = collecting.an_order()
    plan_id = order["payment_plan_id"]
    collecting.ask(plans.change_payment_plan, payment_plan_id=plan_id, automatic=False, reason="By transfer")
    collecting.live(until="2027-03-06")
    assert (collecting.plan(order)["state"], collecting.instalments(order)[1]["state"]) == ("active", "due")
    collecting.live(until="2027-03-07")
    late = collecting.plan(order)
    assert (late["state"], late["past_due_since"], len(collecting.payments(order))) == ("past_due", "2027-03-07", 1)
    collecting.ask(plans.change_payment_plan, payment_plan_id=plan_id, automatic=True)
    collecting.run()
    again = collecting.plan(order)
    assert (again["state"], again["left"]["amount"], again["next_charge_on"]) == ("active", 3333, "2027-03-31")


@pytest.mark.parametrize("begun", [True, False])
def test_the_rest_is_paid_off_early_in_one_payment_and_nothing_is_charged_after(collecting, begun):
    order = collecting.an_order(begun=begun)
    paid = collecting.ask(payments.pay_off_plan, payment_plan_id=order["payment_plan_id"], method="card")
    assert paid["amount"]["amount"] == (6666 if begun else 10000)
    assert {each["state"] for each in collecting.instalments(order)} == {"paid"}
    assert (collecting.order(order)["state"], collecting.package(order)) == ("paid", "active")
    with pytest.raises(Conflict):
        collecting.ask(payments.pay_off_plan, payment_plan_id=order["payment_plan_id"], method="cash")
    collecting.live(until="2027-04-01")
    assert len(collecting.payments(order)) == (2 if begun else 1)
    assert (collecting.dues(order), collecting.balanced(order)) == (0, True)
    assert collecting.told(order).count("package.paid") == 1


@pytest.mark.requirement("B15")
def test_a_charge_is_made_once_wherever_the_process_dies(collecting):
    order = collecting.an_order()
    studio = collecting.studio
    studio.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    patience = dt.timedelta(seconds=31)
    collecting.claimed()  # dies before it asks
    [begun] = collecting.payments(order)[1:]
    assert collecting.claimed() == []  # another one leaves it alone meanwhile
    studio.clockwork.now += patience
    renewals = [charge["payment_id"] for item in studio.claimed() for charge in item["charges"]]
    assert begun["id"] not in renewals  # the other run leaves it alone
    collecting.charge(collecting.claimed())  # there is a reference now
    dies = [charge for item in collecting.claimed() for charge in item["charges"] if charge["order_id"] == order["id"]]
    assert [charge["answer"] for charge in asking.ask({"charges": dies})] == ["taken"]  # dies before it writes so
    studio.clockwork.now += patience
    collecting.run()
    [charged] = collecting.payments(order)[1:]
    assert charged["id"] == begun["id"]
    assert (charged["state"], collecting.dues(order)) == ("taken", 3333)
    references = [reference for reference in collecting.provider.taken if charged["id"] in reference]
    assert [collecting.provider.taken[reference] for reference in references] == [1]
    assert collecting.instalments(order)[1]["state"] == "paid"


@pytest.mark.requirement("B06", "B15", "C03")
def test_given_back_whole_the_order_is_as_if_it_never_was_and_nothing_more_is_charged(collecting):
    order = collecting.an_order()
    collecting.live(until="2027-03-01")
    collecting.ask(payments.refund_order, order_id=order["id"], to="account_credit", reason="Moved away")
    assert (collecting.order(order)["state"], collecting.plan(order)["state"]) == ("cancelled", "cancelled")
    assert {each["state"] for each in collecting.instalments(order)} == {"cancelled"}
    assert (collecting.package(order), collecting.dues(order)) == ("reversed", 0)
    invoice = collecting.ask(invoices.get_invoice, invoice_id=order["invoice_id"])
    assert (invoice["state"], invoice["due"]["amount"]) == ("void", 0)
    [balance] = collecting.ask(credit.get_credit, contact_id=order["contact_id"])["balances"]
    assert balance["amount"] == 6667
    collecting.live(until="2027-04-05")
    assert len(collecting.payments(order)) == 2
    assert collecting.balanced(order)
    assert collecting.told(order)[-3:] == ["package.reversed", "payment_plan.cancelled", "order.cancelled"]


def test_given_back_in_part_it_is_due_again_and_people_decide_how_it_goes_on(collecting):
    order = collecting.an_order()
    collecting.live(until="2027-03-01")
    half = {"amount": 1000, "currency": "EUR"}
    collecting.ask(payments.refund_order, order_id=order["id"], amount=half, to="account_credit")
    plan, second = collecting.plan(order), collecting.instalments(order)[1]
    assert (plan["automatic"], plan["next_charge_on"], second["state"]) == (False, None, "due")
    assert (second["paid"]["amount"], collecting.dues(order)) == (2333, 4333)
    collecting.live(until="2027-04-05")
    assert len(collecting.payments(order)) == 2
    collecting.ask(plans.change_payment_plan, payment_plan_id=plan["id"], automatic=True)
    collecting.run()
    again = collecting.payments(order)[2]
    assert (again["amount"]["amount"], again["state"]) == (1000, "taken")
    assert (collecting.dues(order), collecting.balanced(order)) == (3333, True)


def test_nothing_is_given_back_while_an_instalment_is_being_charged(collecting):
    order = collecting.an_order()
    collecting.studio.clockwork.now = dt.datetime(2027, 2, 28, 12, tzinfo=dt.UTC)
    collecting.claimed()
    with pytest.raises(Conflict):
        collecting.ask(payments.refund_order, order_id=order["id"], to="account_credit")
    collecting.studio.clockwork.now += dt.timedelta(seconds=31)
    collecting.run()
    collecting.ask(payments.refund_order, order_id=order["id"], to="account_credit")
    assert (collecting.dues(order), collecting.order(order)["state"]) == (0, "cancelled")


@pytest.mark.requirement("B07")
def test_written_off_what_began_is_over_and_given_back_after_that_it_never_was(collecting):
    order = collecting.an_order()
    collecting.ask(invoices.write_off_invoice, invoice_id=order["invoice_id"], reason="Gone")
    assert (collecting.plan(order)["state"], collecting.package(order)) == ("written_off", "ended")
    assert [each["state"] for each in collecting.instalments(order)] == ["paid", "written_off", "written_off"]
    collecting.live(until="2027-03-05")
    assert len(collecting.payments(order)) == 1
    assert (collecting.dues(order), collecting.balanced(order)) == (0, True)
    collecting.ask(payments.refund_order, order_id=order["id"])
    assert (collecting.package(order), collecting.dues(order), collecting.balanced(order)) == ("reversed", 0, True)


def test_cancelled_before_it_began_nothing_is_due(collecting):
    order = collecting.an_order(begun=False)
    collecting.ask(orders.cancel_order, order_id=order["id"])
    assert (collecting.plan(order)["state"], collecting.package(order)) == ("cancelled", "cancelled")
    with pytest.raises(Conflict):
        collecting.ask(payments.pay_instalment, instalment_id=collecting.instalments(order)[0]["id"], method="cash")
    with pytest.raises(Conflict):
        collecting.ask(plans.change_payment_plan, payment_plan_id=order["payment_plan_id"], automatic=False)


@pytest.mark.requirement("C39")
def test_who_is_archived_is_charged_nothing_until_they_are_restored(collecting):
    order = collecting.an_order()

    def become(standing: str) -> None:
        of_them = known_contacts.c.contact_id == order["contact_id"]
        with collecting.studio.clockwork.work() as work:
            work.session.execute(sa.update(known_contacts).where(of_them).values(standing=standing))

    become("archived")
    collecting.live(until="2027-03-10")
    assert len(collecting.payments(order)) == 1
    become("active")
    collecting.run()
    assert collecting.instalments(order)[1]["state"] == "paid"


@pytest.mark.requirement("B03")
def test_a_transfer_that_is_awaited_is_not_charged_besides(collecting):
    order = collecting.an_order()
    transfer = collecting.pay_next(order, method="bank_transfer")
    collecting.live(until="2027-03-02")
    assert [each["state"] for each in collecting.payments(order)] == ["taken", "pending"]
    second, third = collecting.instalments(order)[1:]
    with pytest.raises(Conflict, match="under way"):
        collecting.ask(payments.pay_instalment, instalment_id=second["id"], method="cash")
    collecting.ask(payments.reject_payment, payment_id=transfer["id"])
    collecting.run()
    assert collecting.instalments(order)[1]["state"] == "paid"
    with pytest.raises(Conflict, match="paid already"):
        collecting.ask(payments.pay_instalment, instalment_id=second["id"], method="cash")
    assert third["state"] == "planned"


@pytest.mark.requirement("B02")
def test_an_order_keeps_the_plan_that_it_was_placed_on(collecting):
    order = collecting.an_order()
    package_id = order["items"][0]["package_id"]
    four = THREE | {"instalments": 4, "first_payment": {"amount": 1000}}
    changed = collecting.ask(packages.change_package, package_id=package_id, payment_plans=[four])
    assert changed["payment_plans"][0]["first_payment"] == {"amount": 1000, "currency": "EUR"}
    assert collecting.plan(order)["instalments"] == 3
    items, buyer = [{"package_id": package_id, "quantity": 2}], collecting.a_buyer()
    later = collecting.ask(orders.place_order, contact_id=buyer, items=items, payment_plan={"key": "three"})
    assert [each["amount"]["amount"] for each in collecting.instalments(later)] == [2000, 6000, 6000, 6000]


@pytest.mark.requirement("B05")
def test_a_membership_is_paid_by_the_month_and_goes_on_by_the_year(collecting):
    monthly = THREE | {"instalments": 12}
    order = collecting.an_order(kind="membership", cycle={"unit": "year"}, plan=monthly)
    [gold] = collecting.ask(subscriptions.list_subscriptions, contact_id=order["contact_id"])["items"]
    assert (gold["state"], gold["expires_on"], gold["next_charge_on"]) == ("active", "2028-01-30", "2028-01-31")
    due = [each["due_on"] for each in collecting.instalments(order)]
    assert (due[1], due[-1]) == ("2027-02-28", "2027-12-31")
    collecting.ask(payments.refund_order, order_id=order["id"])
    [gold] = collecting.ask(subscriptions.list_subscriptions, contact_id=order["contact_id"])["items"]
    assert (gold["state"], collecting.dues(order)) == ("cancelled", 0)


def test_instalments_are_found_by_whom_how_and_when(collecting):
    order = collecting.an_order()
    mine = {"contact_id": order["contact_id"]}

    def numbers(**asked):
        return [each["number"] for each in collecting.ask(plans.list_instalments, **mine, **asked)["items"]]

    assert numbers(sort="-due_on") == [3, 2, 1]
    assert numbers(state="planned") == [2, 3]
    assert numbers(due_from="2027-02-01", due_until="2027-02-28") == [2]
    first = collecting.ask(plans.list_instalments, **mine, limit=2)
    assert [
        each["number"] for each in collecting.ask(plans.list_instalments, **mine, cursor=first["next"])["items"]
    ] == [3]
    [plan] = collecting.ask(plans.list_payment_plans, **mine, state="active")["items"]
    assert plan == collecting.plan(order)
