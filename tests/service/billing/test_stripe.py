"""The card port through Stripe's own library, against localstripe running as a real server."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import requests

from contracts.billing import orders, payments
from contracts.errors import Invalid
from local.ports import free_port
from services.billing.cards.port import CardDeclined, ProviderUnreachable
from services.billing.cards.stripe import StripeProvider

SERVER = """
import sys
from aiohttp import web
from localstripe.server import app
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""
KEY = "sk_test_rapport"


@pytest.fixture(scope="module")
def localstripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(port)], cwd=tmp_path_factory.mktemp("localstripe"),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            requests.get(f"{base}/v1/charges", timeout=1)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    yield base
    server.kill()
    server.wait()


@pytest.fixture
def provider(localstripe: str) -> StripeProvider:
    return StripeProvider(KEY, api_base=localstripe)


def prepared(provider: StripeProvider, key: str, token: str = "pm_card_visa") -> str:
    return provider.prepare(amount=4900, currency="EUR", token=token, key=key, description="Order 1001")


def charges(base: str, reference: str) -> list[dict]:
    listed = requests.get(f"{base}/v1/charges", auth=(KEY, ""), timeout=5).json()["data"]
    return [charge for charge in listed if charge["payment_intent"] == reference]


@pytest.mark.requirement("B03")
def test_preparing_takes_no_money_and_charging_takes_it(provider, localstripe):
    reference = prepared(provider, "one")
    assert charges(localstripe, reference) == []
    provider.charge(reference)
    (charge,) = charges(localstripe, reference)
    assert (charge["amount"], charge["currency"], charge["status"]) == (4900, "eur", "succeeded")


@pytest.mark.requirement("B15")
def test_charging_again_takes_nothing_more(provider, localstripe):
    """Even by a provider that ignores idempotency keys, as localstripe does."""
    reference = prepared(provider, "twice")
    for _ in range(3):
        provider.charge(reference)
    assert len(charges(localstripe, reference)) == 1


@pytest.mark.requirement("B03")
def test_a_declined_card_says_so_however_often_it_is_asked(provider):
    reference = prepared(provider, "declined", token="pm_card_chargeCustomerFail")
    for _ in range(2):
        with pytest.raises(CardDeclined, match="card_declined"):
            provider.charge(reference)


def test_a_token_that_stripe_does_not_know_is_declined(provider):
    with pytest.raises(CardDeclined):
        prepared(provider, "unknown", token="pm_nobodys")


@pytest.mark.requirement("B06")
def test_a_refund_is_given_once_for_its_key(provider, localstripe):
    reference = prepared(provider, "refunded")
    provider.charge(reference)
    for _ in range(2):
        provider.give_back(reference, amount=1000, key="refund-1")
    provider.give_back(reference, amount=500, key="refund-2")
    listed = requests.get(
        f"{localstripe}/v1/refunds", params={"payment_intent": reference}, auth=(KEY, ""), timeout=5
    ).json()  # fmt: skip
    assert sorted(refund["amount"] for refund in listed["data"]) == [500, 1000]


def test_a_provider_that_is_down_is_unreachable():
    with socket.socket() as taken:  # bound and not listening: nobody else can answer there meanwhile
        taken.bind(("127.0.0.1", free_port()))
        with pytest.raises(ProviderUnreachable):
            prepared(StripeProvider(KEY, api_base=f"http://127.0.0.1:{taken.getsockname()[1]}"), "down")


def test_a_provider_that_does_not_answer_is_unreachable_within_the_limit():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", free_port()))
        silent.listen()
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        started = time.monotonic()
        with pytest.raises(ProviderUnreachable):
            prepared(StripeProvider(KEY, api_base=base, limit=0.5), "silent")
        assert time.monotonic() - started < 3


@pytest.mark.requirement("B03", "B06", "P07")
def test_an_order_is_paid_and_given_back_through_stripe(a_house, an_order_in, localstripe):
    settings = {"RAPPORT_CARD_PROVIDER": "stripe", "STRIPE_API_KEY": KEY, "STRIPE_API_BASE": localstripe}
    house = a_house(services=["billing"], settings=settings)
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
