"""What members do by themselves: look at what is offered, buy it, pay for it, and see what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.access import MEMBER
from contracts.billing import (
    accounts,
    cards,
    credit,
    credit_notes,
    drafts,
    invoices,
    orders,
    packages,
    papers,
    payments,
    plans,
    promo_codes,
    subscriptions,
)
from contracts.contacts import people
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from tests.builders.at_once import at_once
from tests.builders.people import a_lead
from tests.builders.selling import a_package
from tests.builders.waiting import eventually
from tests.service.billing.collecting import THREE

Ask = Callable[..., Any]
pytestmark = pytest.mark.requirement("B01")


class Oneself:
    """A member, and what they ask."""

    def __init__(self, ask: Ask, contact_id: str) -> None:
        self._ask, self.contact_id = ask, contact_id
        self.actor = Actor(contact_id, MEMBER, "Ada herself")

    def ask(self, rpc: Any, **request: Any) -> Any:
        return self._ask(rpc, actor=self.actor, **request)

    def is_shown(self, known: dict[str, str]) -> set[str]:
        """The names of those of these packages, by id, that they find in the list; each is there by itself too."""
        listed = {each["id"] for each in self.ask(packages.list_packages, limit=200)["items"]} & known.keys()
        for package_id in known:
            if package_id in listed:
                assert self.ask(packages.get_package, package_id=package_id)["id"] == package_id
            else:
                with pytest.raises(NotFound, match="There is no such package"):
                    self.ask(packages.get_package, package_id=package_id)
        return {known[package_id] for package_id in listed}

    def orders(self, package: dict[str, Any], *, quantity: int = 1, **more: Any) -> dict[str, Any]:
        """What becomes of ordering it for themselves."""
        items = [{"package_id": package["id"], "quantity": quantity}]
        return self.ask(orders.place_order, **{"contact_id": self.contact_id, "items": items, **more})

    def adds(self, token: str) -> dict[str, Any]:
        """What becomes of putting a card on file."""
        return self.ask(cards.add_card, contact_id=self.contact_id, payment_method=token)

    def pays(self, order: dict[str, Any], method: str, **more: Any) -> dict[str, Any]:
        """What becomes of a payment."""
        return self.ask(payments.take_payment, order_id=order["id"], method=method, **more)


def lifecycle_of(ask: Ask, contact_id: str) -> str:
    return ask(people.get_contact, contact_id=contact_id)["lifecycle"]["state"]


@pytest.fixture
def lead(ask: Ask) -> Oneself:
    """A member who is a lead still, where the business lets leads sign in."""
    return Oneself(ask, a_lead(ask)["id"])


@pytest.fixture
def customer(ask: Ask) -> Oneself:
    """A member who is a customer: somebody paid a product in cash."""
    contact_id = a_lead(ask)["id"]
    order = ask(orders.place_order, contact_id=contact_id, items=[{"package_id": a_package(ask, "product", 250)["id"]}])
    ask(payments.take_payment, order_id=order["id"], method="cash")
    eventually(lambda: lifecycle_of(ask, contact_id) == "customer")
    return Oneself(ask, contact_id)


@pytest.mark.requirement("P08")
def test_members_find_what_is_offered_to_them_and_of_the_rest_hear_nothing(ask, lead, customer):
    options = {"cycle": {"unit": "month", "count": 3}, "payment_plans": []}
    gold, trial = a_package(ask, **options), a_package(ask, "trial", 0)
    private, gone = a_package(ask, visibility="private"), a_package(ask)
    ask(packages.change_package, package_id=gone["id"], on_sale=False)
    known = {gold["id"]: "gold", trial["id"]: "trial", private["id"]: "private", gone["id"]: "gone"}
    assert customer.is_shown(known) == {"gold", "trial"}
    assert lead.is_shown(known) == {"trial"}
    assert customer.ask(packages.get_package, package_id=gold["id"])["pricing_option"] == "every 3 months"
    hidden = {"on_sale": False, "limit": 200}
    assert customer.ask(packages.list_packages, **hidden)["items"] == []


def test_who_may_browse_and_no_more_is_shown_what_everybody_is(ask):
    gold, private = a_package(ask), a_package(ask, visibility="private")
    website = Oneself(ask, gold["id"])
    website.actor = Actor(gold["id"], "api", "Website", scopes=frozenset({"packages.browse"}))
    assert website.is_shown({gold["id"]: "gold", private["id"]: "private"}) == {"gold"}
    with pytest.raises(Forbidden):
        website.ask(orders.list_orders)


@pytest.mark.requirement("B06", "B07")
def test_members_see_what_they_bought_and_the_paper_of_it(ask, customer):
    (order,) = customer.ask(orders.list_orders)["items"]
    assert customer.ask(orders.get_order, order_id=order["id"]) == order
    (invoice,) = customer.ask(invoices.list_invoices)["items"]
    assert invoice["id"] == order["invoice_id"]
    assert customer.ask(papers.get_invoice_pdf, invoice_id=invoice["id"])["file_name"].endswith(".pdf")
    (payment,) = customer.ask(payments.list_payments)["items"]
    assert customer.ask(payments.get_payment, payment_id=payment["id"])["order_id"] == order["id"]
    account = customer.ask(accounts.get_account, contact_id=customer.contact_id)
    assert ([each["id"] for each in account["orders"]], account["dues"]) == ([order["id"]], [])
    assert customer.ask(subscriptions.list_subscriptions)["items"] == []


@pytest.mark.requirement("B13")
def test_what_the_team_puts_together_for_members_is_not_theirs_before_it_is_placed(ask, customer):
    draft = ask(drafts.draft_order, contact_id=customer.contact_id, items=[{"package_id": a_package(ask)["id"]}])
    assert customer.ask(orders.list_orders, state="draft")["items"] == []
    with pytest.raises(NotFound, match="There is no such order"):
        customer.ask(orders.get_order, order_id=draft["id"])
    with pytest.raises(NotFound, match="There is no such order"):
        customer.pays(draft, "bank_transfer")
    with pytest.raises(NotFound, match="There is no such order"):
        customer.ask(orders.cancel_order, order_id=draft["id"])
    ask(drafts.place_draft, order_id=draft["id"])
    assert customer.ask(orders.get_order, order_id=draft["id"])["state"] == "open"


def test_members_order_for_themselves_what_they_are_shown_for_what_it_costs(ask, customer):
    gold = a_package(ask)
    order = customer.orders(gold, quantity=2)
    assert (order["state"], order["total"]["amount"], order["placed_by"]) == ("open", 9800, "Ada herself")
    private, gone = a_package(ask, visibility="private"), a_package(ask)
    ask(packages.change_package, package_id=gone["id"], on_sale=False)
    refusals = []
    for hidden in (private, gone, {"id": new_id()}):
        with pytest.raises(Invalid) as refused:
            customer.orders(hidden)
        refusals.append((refused.value.detail, refused.value.errors))
    assert refusals == [refusals[0]] * 3, "as if it was not there"
    less = {"basis_points": 1, "reason": "because"}
    for discounted in ({"discount": less}, {"items": [{"package_id": gold["id"], "discount": less}]}):
        with pytest.raises(Forbidden, match="Giving a discount"):
            customer.orders(gold, **discounted)
    with pytest.raises(NotFound):
        customer.ask(orders.place_order, contact_id=a_lead(ask)["id"], items=[{"package_id": gold["id"]}])


@pytest.mark.requirement("B13")
def test_members_use_promo_codes(ask, customer):
    word = f"OWN{new_id()[-12:]}"
    ask(promo_codes.create_promo_code, code=word, basis_points=1000)
    assert customer.orders(a_package(ask), promo_code=word)["total"]["amount"] == 4410


@pytest.mark.requirement("P07", "P08")
def test_a_trial_that_leads_take_themselves_leaves_them_leads_and_more_they_are_not_sold(ask, lead):
    with pytest.raises(Invalid) as refused:
        lead.orders(a_package(ask))
    assert refused.value.errors[0]["pointer"] == "/items/0/package_id"
    assert lead.orders(a_package(ask, "trial", 0))["state"] == "paid"
    assert lifecycle_of(ask, lead.contact_id) == "lead"


@pytest.mark.requirement("P08")
def test_a_trial_is_theirs_once_whoever_gave_it_to_them(ask, lead):
    taken, given, new = (a_package(ask, "trial", 0) for _ in range(3))
    lead.orders(taken)
    for _ in range(2):  # the team is free to
        ask(orders.place_order, contact_id=lead.contact_id, items=[{"package_id": given["id"], "quantity": 2}])
    twice = [{"package_id": new["id"]}] * 2
    for package, more, place in ((taken, {}, 0), (given, {}, 0), (new, {"quantity": 2}, 0), (new, {"items": twice}, 1)):
        with pytest.raises(Invalid) as refused:
            lead.orders(package, **more)
        (error,) = refused.value.errors
        assert (error["pointer"], error["detail"]) == (f"/items/{place}/package_id", "A trial is taken once.")
    assert lead.orders(new)["state"] == "paid"


@pytest.mark.requirement("P08")
def test_of_many_orders_of_one_trial_at_once_one_is_placed(ask, lead):
    lead.orders(a_package(ask, "trial", 0))  # whom billing meets is held until it knows them
    trial = a_package(ask, "trial", 0)
    answers = at_once([partial(lead.orders, trial)] * 8, workers=8, refusals=(Invalid,))
    refused = [answer for answer in answers if isinstance(answer, Invalid)]
    assert [refusal.detail for refusal in refused] == ["A trial is taken once."] * 7
    assert len(ask(orders.list_assignments, contact_id=lead.contact_id)["items"]) == 2


def test_members_take_back_what_they_began_and_nothing_else(ask, customer):
    gold = a_package(ask)
    order = customer.orders(gold)
    announced = customer.pays(order, "bank_transfer")
    with pytest.raises(Conflict, match="is under way"):
        customer.ask(orders.cancel_order, order_id=order["id"])
    for _ in range(2):
        withdrawn = customer.ask(payments.cancel_payment, payment_id=announced["id"])
        assert (withdrawn["state"], withdrawn["reason"]) == ("failed", "withdrawn")
    for decide in (payments.approve_payment, payments.reject_payment):
        with pytest.raises(Conflict, match="was withdrawn"):
            ask(decide, payment_id=announced["id"])
    assert customer.ask(orders.cancel_order, order_id=order["id"])["state"] == "cancelled"
    sold = ask(orders.place_order, contact_id=customer.contact_id, items=[{"package_id": gold["id"]}])
    with pytest.raises(Forbidden, match="placed by somebody else"):
        customer.ask(orders.cancel_order, order_id=sold["id"])
    noted = ask(payments.take_payment, order_id=sold["id"], method="bank_transfer")
    with pytest.raises(Conflict, match="announced by somebody else"):
        customer.ask(payments.cancel_payment, payment_id=noted["id"])
    begun = customer.orders(a_package(ask, "trial", 0))
    with pytest.raises(Conflict, match="is paid already"):
        customer.ask(orders.cancel_order, order_id=begun["id"])


def test_what_the_team_writes_for_itself_is_not_told_to_members(ask, customer):
    aside, part = "between us", {"amount": 100, "currency": "EUR"}
    less = {"basis_points": 1000, "reason": aside}
    item = {"package_id": a_package(ask)["id"], "discount": less}
    order = ask(orders.place_order, contact_id=customer.contact_id, items=[item], discount=less)
    announced = customer.pays(order, "bank_transfer")
    ask(payments.reject_payment, payment_id=announced["id"], reason=aside)
    declined = customer.pays(order, "card", card_token="tok_charge_declined")
    assert declined["reason"], "the card's owner hears why"
    taken = customer.pays(order, "card", card_token="tok_visa")
    ask(payments.refund_payment, payment_id=taken["id"], amount=part, reason=aside)
    ask(credit.grant_credit, contact_id=customer.contact_id, amount=part, reason=aside)
    namesake = Actor(new_id(), "owner", customer.actor.name)
    elsewhere = [{"package_id": a_package(ask, "product", 250)["id"]}]
    sold = ask(orders.place_order, actor=namesake, contact_id=customer.contact_id, items=elsewhere)
    assert customer.ask(orders.get_order, order_id=sold["id"])["placed_by"] is None, "one name is not one person"
    void = customer.orders(a_package(ask))
    ask(orders.cancel_order, order_id=void["id"], reason=aside)
    theirs = {"contact_id": customer.contact_id}
    lists = (orders.list_orders, invoices.list_invoices, payments.list_payments, credit_notes.list_credit_notes)
    told = [customer.ask(each, **theirs) for each in (*lists, credit.get_credit, accounts.get_account)]
    assert all(answer.get("items", True) for answer in told), "there is something to tell of each"
    assert aside not in str(told)
    assert set(names_in(told)) == {None, "Ada herself"}
    assert customer.ask(payments.get_payment, payment_id=declined["id"])["reason"] == declined["reason"]


def names_in(told: Any) -> Iterator[str | None]:
    """Who did what, wherever it stands in an answer."""
    if isinstance(told, list):
        for each in told:
            yield from names_in(each)
    elif isinstance(told, dict):
        for key, value in told.items():
            if key == "by" or key.endswith("_by"):
                yield value
            yield from names_in(value)


def test_a_key_that_buys_for_others_buys_what_everybody_is_shown(ask, customer):
    website = Oneself(ask, customer.contact_id)
    website.actor = Actor(new_id(), "api", "Website", scopes=frozenset({"orders.buy"}))
    assert website.orders(a_package(ask))["state"] == "open"
    with pytest.raises(Invalid):
        website.orders(a_package(ask, visibility="private"))


@pytest.mark.requirement("B04")
def test_members_keep_cards_of_their_own(customer):
    first, second = customer.adds("tok_visa"), customer.adds("tok_mastercard")
    assert (first["default"], second["default"]) == (True, False)
    assert customer.ask(cards.set_up_card, contact_id=customer.contact_id)["client_secret"]
    customer.ask(cards.change_card, card_id=second["id"], default=True)
    assert customer.ask(cards.get_card, card_id=first["id"])["default"] is False
    customer.ask(cards.remove_card, card_id=second["id"])
    (left,) = customer.ask(cards.list_cards, contact_id=customer.contact_id)["items"]
    assert (left["id"], left["default"]) == (first["id"], True)


@pytest.mark.requirement("B03", "B05")
def test_members_pay_by_their_card_and_have_what_they_bought(ask, customer, a_card):
    order = customer.orders(a_package(ask))
    with pytest.raises(Invalid, match="has no card on file") as refused:
        customer.pays(order, "card")
    assert refused.value.errors[0]["pointer"] == "/card_token"
    another = a_card(a_lead(ask)["id"])
    with pytest.raises(Invalid, match="The contact has no such card"):
        customer.pays(order, "card", card_id=another["id"])
    customer.adds("tok_visa")
    assert customer.pays(order, "card")["state"] == "taken"
    (subscription,) = customer.ask(subscriptions.list_subscriptions)["items"]
    assert subscription["state"] == "active"
    assert customer.ask(subscriptions.get_subscription, subscription_id=subscription["id"]) == subscription
    with pytest.raises(Forbidden):
        customer.ask(subscriptions.cancel_subscription, subscription_id=subscription["id"])


@pytest.mark.requirement("B03")
def test_members_answer_their_bank_or_wait_for_it_no_longer(ask, customer):
    order = customer.orders(a_package(ask))
    waiting = customer.pays(order, "card", card_token="tok_authenticate")
    assert customer.ask(payments.authenticate_payment, payment_id=waiting["id"])["client_secret"]
    assert customer.ask(payments.cancel_payment, payment_id=waiting["id"])["state"] == "failed"


@pytest.mark.requirement("B03", "B09")
def test_members_announce_a_transfer_spend_their_credit_and_write_down_no_cash(ask, customer):
    order = customer.orders(a_package(ask))
    with pytest.raises(Forbidden) as refused:
        customer.pays(order, "cash")
    assert refused.value.errors[0]["pointer"] == "/method"
    left = {"amount": 4000, "currency": "EUR"}
    ask(credit.grant_credit, contact_id=customer.contact_id, amount=left, reason="a present")
    assert customer.ask(credit.get_credit, contact_id=customer.contact_id)["balances"] == [left]
    assert customer.pays(order, "account_credit", amount=left)["state"] == "taken"
    for method in ("bank_transfer", "card"):
        with pytest.raises(Invalid) as unfit:
            customer.pays(order, method, amount={"amount": 899, "currency": "EUR"})
        assert unfit.value.errors[0]["pointer"] == "/amount/amount"
    announced = customer.pays(order, "bank_transfer", amount={"amount": 900, "currency": "EUR"})
    assert announced["state"] == "pending"
    for decide in (payments.approve_payment, payments.reject_payment, payments.refund_payment):
        with pytest.raises(Forbidden):
            customer.ask(decide, payment_id=announced["id"])
    ask(payments.approve_payment, payment_id=announced["id"])
    assert customer.ask(orders.get_order, order_id=order["id"])["state"] == "paid"


@pytest.mark.requirement("B08")
def test_members_pay_what_is_left_of_a_plan(ask, customer):
    course = a_package(ask, "course", 10000, payment_plans=[THREE])
    customer.adds("tok_visa")
    plan_id = customer.orders(course, payment_plan={"key": "three"})["payment_plan_id"]
    first = customer.ask(plans.list_instalments, payment_plan_id=plan_id)["items"][0]
    assert customer.ask(payments.pay_instalment, instalment_id=first["id"], method="card")["state"] == "taken"
    assert customer.ask(payments.pay_off_plan, payment_plan_id=plan_id, method="card")["state"] == "taken"
    assert customer.ask(plans.get_payment_plan, payment_plan_id=plan_id)["state"] == "paid"


@pytest.mark.requirement("P07", "C03")
def test_a_lead_who_pays_the_teams_order_by_themselves_is_a_customer_at_once(ask, lead):
    sold = ask(orders.place_order, contact_id=lead.contact_id, items=[{"package_id": a_package(ask)["id"]}])
    assert [each["id"] for each in lead.ask(orders.list_orders)["items"]] == [sold["id"]]
    lead.pays(sold, "card", card_token="tok_visa")
    eventually(lambda: lifecycle_of(ask, lead.contact_id) == "customer")
