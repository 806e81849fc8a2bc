"""The card port through Stripe's own library, against localstripe running as a real server."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chassis.ids import new_id
from contracts.billing import cards, orders, payments
from contracts.errors import Invalid, Unavailable
from contracts.language import Rpc
from local.ports import free_port
from services.billing.cards.port import CardDeclined, KeptCard, NotAuthenticated, ProviderUnreachable
from services.billing.cards.stripe import StripeProvider
from tests.builders.local_stripe import (
    AUTHENTICATE,
    CHARGE_DECLINED,
    DECLINED,
    SECRET_KEY,
    LocalStripe,
    local_stripe,
)  # fmt: skip
from tests.builders.waiting import eventually
from tests.house.keeper import Servers
from tests.house.living import LivingHouse


@pytest.fixture(scope="module")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    with local_stripe(tmp_path_factory.mktemp("stripe")) as server:
        yield server


@pytest.fixture
def provider(stripe: LocalStripe) -> StripeProvider:
    return StripeProvider(SECRET_KEY, api_base=stripe.url)


def prepared(provider: StripeProvider, token: str = "pm_card_visa", customer: str | None = None) -> str:
    return provider.prepare(
        amount=4900, currency="EUR", token=token, customer=customer, key=new_id(), description="Order 1001"
    )


@pytest.mark.requirement("B03")
def test_preparing_takes_no_money_and_charging_takes_it(provider, stripe):
    reference = prepared(provider)
    assert stripe.charges(reference) == []
    provider.charge(reference)
    (charge,) = stripe.charges(reference)
    assert (charge["amount"], charge["currency"], charge["status"]) == (4900, "eur", "succeeded")


@pytest.mark.requirement("B15")
def test_charging_again_takes_nothing_more(provider, stripe):
    """Even by a provider that ignores idempotency keys, as localstripe does."""
    reference = prepared(provider)
    for _ in range(3):
        provider.charge(reference)
    assert len(stripe.charges(reference)) == 1


@pytest.mark.requirement("B05")
@pytest.mark.parametrize("off_session", [True, False])
def test_a_charge_that_nobody_sits_by_says_so(provider, stripe, off_session):
    reference = prepared(provider)
    provider.charge(reference, off_session=off_session)
    [intent] = [one for one in stripe.listed("payment_intents") if one["id"] == reference]
    assert (intent["status"], intent["metadata"]["off_session"]) == ("succeeded", str(off_session).lower())


@pytest.mark.requirement("B03")
def test_a_declined_card_says_so_however_often_it_is_asked(provider):
    reference = prepared(provider, token="pm_card_chargeCustomerFail")
    for _ in range(2):
        with pytest.raises(CardDeclined, match="card_declined"):
            provider.charge(reference)


def test_a_token_that_stripe_does_not_know_is_declined(provider):
    with pytest.raises(CardDeclined):
        prepared(provider, token="pm_nobodys")


@pytest.mark.requirement("B06")
def test_a_refund_is_given_once_for_its_key(provider, stripe):
    reference = prepared(provider)
    provider.charge(reference)
    for _ in range(2):
        provider.give_back(reference, amount=1000, key="refund-1")
    provider.give_back(reference, amount=500, key="refund-2")
    assert sorted(refund["amount"] for refund in stripe.listed("refunds", payment_intent=reference)) == [500, 1000]


@pytest.mark.requirement("B04")
def test_a_card_is_kept_for_a_customer_charged_and_forgotten(provider, stripe):
    customer, stranger = provider.customer_of(new_id()), provider.customer_of(new_id())
    assert "_secret_" in provider.set_up(customer)
    token, key = stripe.a_card(), new_id()
    kept = KeptCard(token, "visa", "4242", "2034-12")
    assert [provider.keep(token, customer=customer, key=key) for _ in range(2)] == [kept, kept]
    with pytest.raises(CardDeclined, match="card_of_another_customer"):
        provider.keep(token, customer=stranger, key=new_id())
    assert provider.look_at(token) == kept
    reference = prepared(provider, token, customer)
    provider.charge(reference)
    assert [charge["customer"] for charge in stripe.charges(reference)] == [customer]
    for _ in range(2):
        provider.forget(token)
    assert provider.look_at(token) is None
    assert provider.look_at("pm_nobodys") is None


@pytest.mark.requirement("B04")
def test_a_card_that_the_bank_refuses_is_not_kept(provider, stripe):
    customer = provider.customer_of(new_id())
    for token in (stripe.a_card(DECLINED), "pm_nobodys"):
        with pytest.raises(CardDeclined):
            provider.keep(token, customer=customer, key=new_id())


@pytest.mark.requirement("B03")
def test_the_cardholder_is_asked_by_the_bank(provider, stripe):
    yes, no, nobody = (prepared(provider, stripe.a_card(AUTHENTICATE)) for _ in range(3))
    for reference in (yes, no, nobody):
        with pytest.raises(NotAuthenticated):
            provider.charge(reference)
    stripe.answer_the_bank(provider.secret_of(yes), approved=True)
    stripe.answer_the_bank(provider.secret_of(no), approved=False)
    for _ in range(2):
        provider.charge(yes)
        provider.give_up(yes)  # too late: the money is taken
        with pytest.raises(CardDeclined, match="authentication"):
            provider.charge(no)
        with pytest.raises(CardDeclined):
            provider.give_up(nobody)
    assert [len(stripe.charges(reference)) for reference in (yes, no, nobody)] == [1, 0, 0]


def test_a_provider_that_is_down_is_unreachable():
    with socket.socket() as taken:  # bound and not listening: nobody else can answer there meanwhile
        taken.bind(("127.0.0.1", free_port()))
        with pytest.raises(ProviderUnreachable):
            prepared(StripeProvider(SECRET_KEY, api_base=f"http://127.0.0.1:{taken.getsockname()[1]}"))


def test_a_provider_that_does_not_answer_is_unreachable_within_the_limit():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", free_port()))
        silent.listen()
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(ProviderUnreachable):
            prepared(StripeProvider(SECRET_KEY, api_base=base, limit=0.5))
        assert time.monotonic() - started < 10


@pytest.fixture(scope="module")
def house(servers: Servers, stripe: LocalStripe) -> Iterator[LivingHouse]:
    living = LivingHouse(servers, services=["billing"], settings=stripe.settings)
    try:
        yield living.open()
    finally:
        living.close()


@pytest.mark.requirement("B03", "B06", "P07")
def test_an_order_is_paid_and_given_back_through_stripe(house, an_order_in):
    order = an_order_in(house)
    with pytest.raises(Invalid) as refused:
        house.ask(payments.take_payment, order_id=order["id"], method="card")
    assert refused.value.errors[0]["pointer"] == "/card_token"
    card = {"order_id": order["id"], "method": "card"}
    declined = house.ask(payments.take_payment, **card, card_token="pm_card_chargeCustomerFail")
    assert (declined["state"], declined["reason"]) == ("failed", "card_declined")
    taken = house.ask(payments.take_payment, **card, card_token="pm_card_visa")
    assert taken["state"] == "taken"
    house.ask(payments.refund_payment, payment_id=taken["id"])
    assert house.ask(orders.get_order, order_id=order["id"])["state"] == "refunded"


@pytest.mark.requirement("B03", "B15")
@pytest.mark.parametrize(
    ("number", "state", "order_is"), [(None, "taken", "paid"), (CHARGE_DECLINED, "failed", "open")]
)
def test_killed_between_stripes_answer_and_our_commit(house, an_order_in, stripe, number, state, order_is):
    """Stripe has decided, and billing is killed before it hears: the next process asks Stripe and writes it once."""
    order = an_order_in(house)
    token = stripe.a_card(*[number] if number else [])
    asked = {"order_id": order["id"], "method": "card", "card_token": token}
    killed(house, stripe, "/confirm", payments.take_payment, **asked)
    (unsure,) = house.ask(payments.list_payments, order_id=order["id"])["items"]
    assert unsure["state"] == "charging"
    asked_again(house, "payments", unsure["id"])
    with house.database("billing").connect() as connection:
        which = "SELECT provider_reference FROM payments WHERE id = %(id)s"
        reference = connection.exec_driver_sql(which, {"id": unsure["id"]}).scalar()
    decided = eventually(
        lambda: (now := house.ask(payments.get_payment, payment_id=unsure["id"]))["state"] != "charging" and now
    )
    assert (decided["state"], decided["reason"]) == (state, None if state == "taken" else "card_declined")
    assert [charge["status"] == "succeeded" for charge in stripe.charges(reference)] == [state == "taken"]
    assert house.ask(orders.get_order, order_id=order["id"])["state"] == order_is


@pytest.mark.requirement("B04")
def test_killed_between_stripes_keeping_a_card_and_our_commit(house, an_order_in, stripe):
    contact, token = an_order_in(house)["contact_id"], stripe.a_card()
    killed(house, stripe, "/attach", cards.add_card, contact_id=contact, payment_method=token)
    [card] = house.ask(cards.list_cards, contact_id=contact)["items"]
    assert card["state"] == "adding"
    asked_again(house, "cards", card["id"])
    eventually(lambda: house.ask(cards.get_card, card_id=card["id"])["state"] == "on_file")
    assert [one["last_four"] for one in house.ask(cards.list_cards, contact_id=contact)["items"]] == ["4242"]
    assert house.ask(cards.get_card, card_id=card["id"])["default"]


@pytest.mark.requirement("B06", "B15")
def test_killed_between_stripes_giving_back_and_our_commit(house, an_order_in, stripe):
    order = an_order_in(house)
    paid = house.ask(payments.take_payment, order_id=order["id"], method="card", card_token=stripe.a_card())
    killed(house, stripe, "/refunds", payments.refund_payment, payment_id=paid["id"])
    [refund] = house.ask(payments.get_payment, payment_id=paid["id"])["refunds"]
    assert refund["state"] == "asking"
    asked_again(house, "refunds", refund["id"])
    eventually(lambda: house.ask(orders.get_order, order_id=order["id"])["state"] == "refunded")
    [given] = [one for one in stripe.listed("refunds") if one["metadata"].get("rapport_refund") == refund["id"]]
    assert given["amount"] == 4900


def killed(house: LivingHouse, stripe: LocalStripe, path: str, rpc: Rpc, **asked: Any) -> None:
    """Kill billing when Stripe has done it and billing has not heard, and start it again."""
    with stripe.holding_back(path), ThreadPoolExecutor(1) as pool:
        asking = pool.submit(house.ask, rpc, key=new_id(), deadline=4, **asked)
        eventually(stripe.has_decided)
        house.process("billing").kill()
        with pytest.raises(Unavailable):
            asking.result()
    house.start_again("billing")


def asked_again(house: LivingHouse, table: str, id: str) -> None:
    """Nobody waits until our patience is over by itself."""
    with house.database("billing").begin() as connection:
        connection.exec_driver_sql(f"UPDATE {table} SET ask_again_at = now() WHERE id = %(id)s", {"id": id})
