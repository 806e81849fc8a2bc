"""What the card provider sends by webhook, and the cardholder's answer to the bank (3-D Secure)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import pytest

from chassis.actor import NOBODY
from chassis.ids import new_id
from contracts.billing import notices, orders, payments
from contracts.errors import Invalid, NotFound
from tests.builders.waiting import eventually

SECRET, OF_BEFORE = "whsec_of_the_tests", "whsec_that_was_rolled"


def signed(event: dict, *secrets: str, age: int = 0) -> dict[str, str]:
    """As Stripe signs: with each secret that holds, two of them while one is being rolled."""
    payload, at = json.dumps(event), int(time.time()) - age
    said = f"{at}.{payload}".encode()
    marks = [hmac.new(secret.encode(), said, hashlib.sha256).hexdigest() for secret in secrets or [SECRET]]
    return {"payload": payload, "signature": ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])}


def event_of(reference: str) -> dict:
    thing = {"object": "payment_intent", "id": reference, "status": "canceled"}  # what it says is not believed
    return {"id": f"evt_{new_id()}", "type": "payment_intent.canceled", "data": {"object": thing}}


@pytest.mark.requirement("B03", "B15")
def test_a_cardholder_answers_the_bank_and_the_money_is_taken_once(ask, an_order, told_of):
    order = an_order()
    asked = {"order_id": order["id"], "method": "card", "card_token": "tok_authenticate"}
    waiting = ask(payments.take_payment, **asked)
    assert (waiting["state"], waiting["authenticate_until"] is not None) == ("charging", True)
    secret = ask(payments.authenticate_payment, payment_id=waiting["id"])["client_secret"]
    with pytest.raises(NotFound):
        ask(notices.answer_test_bank, actor=NOBODY, client_secret=secret + "x", approved=True)
    ask(notices.answer_test_bank, actor=NOBODY, client_secret=secret, approved=True)
    eventually(lambda: ask(payments.get_payment, payment_id=waiting["id"])["state"] == "taken")
    assert [type for type, _ in told_of(order["contact_id"])].count("payment.taken") == 1


@pytest.mark.requirement("B03")
def test_who_is_waited_for_no_longer_pays_nothing(ask, an_order):
    order = an_order()
    asked = {"order_id": order["id"], "method": "card", "card_token": "tok_authenticate"}
    waiting = ask(payments.take_payment, **asked)
    given_up = ask(payments.cancel_payment, payment_id=waiting["id"])
    assert (given_up["state"], given_up["reason"]) == ("failed", "authentication_required")
    assert ask(orders.get_order, order_id=order["id"])["under_way"]["amount"] == 0


@pytest.mark.requirement("B03", "B15")
def test_webhooks_converge_and_what_is_not_signed_is_refused(a_house, an_order_in):
    house = a_house(services=["billing"], settings={"RAPPORT_CARD_WEBHOOK_SECRET": SECRET})
    order = an_order_in(house)
    unsure = house.ask(payments.take_payment, order_id=order["id"], method="card", card_token="tok_lost")
    event = event_of(f"test_{unsure['id']}")
    not_theirs = [
        {"payload": "{}", "signature": ""},
        signed(event, "whsec_guessed"),
        signed(event, OF_BEFORE, "whsec_guessed"),
        signed(event, age=400),
        signed(event) | {"payload": json.dumps(event_of("test_other"))},
        signed({"id": "evt_1"}),
    ]
    for told in not_theirs:
        with pytest.raises(Invalid):
            house.ask(notices.hear_provider, actor=NOBODY, **told)
    assert house.ask(payments.get_payment, payment_id=unsure["id"])["state"] == "charging"
    theirs = [
        signed(event_of("test_nobodys"), OF_BEFORE, SECRET),
        signed(event, SECRET, OF_BEFORE),
        signed(event),
        signed(event_of(f"test_{unsure['id']}")),
    ]
    for told in theirs:
        assert house.ask(notices.hear_provider, actor=NOBODY, **told) == {"received": True}
    eventually(lambda: house.ask(payments.get_payment, payment_id=unsure["id"])["state"] == "taken")
    with house.database("billing").connect() as connection:
        counted = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM provider_notices),"
            " (SELECT count(*) FROM ledger_entries WHERE account = 'card_provider')"
        ).one()
    assert tuple(counted) == (3, 1)
