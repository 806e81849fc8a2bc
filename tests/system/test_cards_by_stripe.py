"""Cards on file, declines, idempotency keys, 3-D Secure and webhooks: a house and Stripe's API, from HTTP to HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.ids import new_id
from tests.builders.local_stripe import AUTHENTICATE, CHARGE_DECLINED, DECLINED, LocalStripe, local_stripe
from tests.builders.paying import SECRET, an_order, by_stripe, made, signature, webhook
from tests.builders.people import a_person
from tests.builders.waiting import eventually
from tests.house.keeper import Servers
from tests.house.living import LivingHouse
from tests.house.web import Api


@pytest.fixture(scope="module")
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    with local_stripe(tmp_path_factory.mktemp("stripe")) as server:
        yield server


@pytest.fixture(scope="module")
def api(servers: Servers, stripe: LocalStripe) -> Iterator[Api]:
    living = LivingHouse(servers, services=["contacts", "billing"], gateway=True, settings=by_stripe(stripe))
    try:
        api = living.open().api()
        stripe.tells(f"{api.url}/v1/public/webhooks/cards", SECRET)
        yield api
    finally:
        living.close()


@pytest.fixture
def ada(api: Api) -> str:
    return made(api.post("/contacts", json=a_person(enter_as="customer")))["id"]


def kept(api: Api, contact_id: str, token: str, **more: Any) -> dict[str, Any]:
    return made(api.post(f"/contacts/{contact_id}/cards", json={"payment_method": token}, **more))


def paid(api: Api, order: str, key: str | None = None, **how: Any) -> dict[str, Any]:
    return made(api.post(f"/orders/{order}/payments", json={"method": "card", **how}, key=key))


def now(api: Api, payment: dict[str, Any]) -> dict[str, Any]:
    return api.get(f"/payments/{payment['id']}").json()


def listed(api: Api, contact_id: str) -> list[tuple[str, bool]]:
    return [(card["id"], card["default"]) for card in api.get(f"/contacts/{contact_id}/cards").json()["items"]]


@pytest.mark.requirement("B04")
def test_cards_are_given_to_stripe_kept_chosen_and_forgotten(api, stripe, ada):
    tokens = [stripe.a_card() for _ in range(3)]
    setup = made(api.post(f"/contacts/{ada}/card-setups"))
    stripe.confirm_setup(setup["client_secret"], tokens[0])
    first, second, third = (kept(api, ada, token) for token in tokens)
    assert listed(api, ada) == [(first["id"], True), (second["id"], False), (third["id"], False)]
    [customer] = {
        charge["customer"]
        for charge in stripe.listed("setup_intents")
        if charge["client_secret"] == setup["client_secret"]
    }
    assert sorted(stripe.cards_of(customer)) == sorted(tokens)
    assert paid(api, an_order(api, ada))["card_id"] == first["id"]
    assert api.patch(f"/cards/{third['id']}", json={"default": True}).json()["default"]
    assert paid(api, an_order(api, ada))["card_id"] == third["id"]
    assert api.delete(f"/cards/{third['id']}").status_code == 204
    assert listed(api, ada) == [(first["id"], True), (second["id"], False)]
    eventually(lambda: sorted(stripe.cards_of(customer)) == sorted(tokens[:2]))
    assert {charge["customer"] for charge in stripe.listed("charges", customer=customer)} == {customer}


@pytest.mark.requirement("B04")
def test_what_stripe_declines_is_not_on_file_and_a_card_is_its_owners(api, stripe, ada):
    refused = kept(api, ada, stripe.a_card(DECLINED))
    assert (refused["state"], refused["reason"], listed(api, ada)) == ("refused", "card_declined", [])
    assert kept(api, ada, "pm_nobodys")["state"] == "refused"
    hers = stripe.a_card()
    assert kept(api, ada, hers)["state"] == "on_file"
    stranger = made(api.post("/contacts", json=a_person(enter_as="customer")))["id"]
    theirs = kept(api, stranger, hers)
    assert (theirs["state"], theirs["reason"]) == ("refused", "card_of_another_customer")
    again = api.post(f"/contacts/{ada}/cards", json={"payment_method": hers})
    assert (again.status_code, again.headers["Content-Type"]) == (409, "application/problem+json")


@pytest.mark.requirement("B03", "B15")
def test_a_declined_charge_leaves_the_order_due_and_another_card_pays_it(api, stripe, ada):
    kept(api, ada, stripe.a_card(CHARGE_DECLINED))
    order = an_order(api, ada)
    declined = paid(api, order)
    assert (declined["state"], declined["reason"]) == ("failed", "card_declined")
    assert api.get(f"/orders/{order}").json()["due"]["amount"] == 4900
    assert paid(api, order, card_token=stripe.a_card())["state"] == "taken"


@pytest.mark.requirement("B15", "G06")
def test_one_key_is_one_charge_down_to_stripes_own_key(api, stripe, ada):
    order, key = an_order(api, ada), new_id()
    token = stripe.a_card()
    payments = [paid(api, order, key, card_token=token) for _ in range(3)]
    assert payments[1:] == payments[:1] * 2
    payment = payments[0]
    [prepared] = [told for told in stripe.asked("/payment_intents") if told["key"] == payment["id"]]
    assert not prepared["again"]
    [intent] = [
        one for one in stripe.listed("payment_intents") if one["metadata"].get("rapport_payment") == payment["id"]
    ]
    [confirmed] = stripe.asked(f"/{intent['id']}/confirm")
    assert confirmed["key"] == f"{intent['id']}-confirm"
    for _ in range(2):
        refunded = api.post(f"/payments/{payment['id']}/refund", json={}, key=f"back {key}").json()
    [refund] = refunded["refunds"]
    [given] = [told for told in stripe.asked("/refunds") if told["key"] == refund["id"]]
    assert (refund["state"], given["again"]) == ("given", False)
    assert [one["amount"] for one in stripe.listed("refunds", payment_intent=intent["id"])] == [4900]


@pytest.mark.requirement("B03")
@pytest.mark.parametrize(("approved", "state", "due"), [(True, "taken", 0), (False, "failed", 4900)])
def test_the_bank_asks_and_stripe_itself_tells_what_was_answered(api, stripe, ada, approved, state, due):
    """Nobody looks again for half a minute by themselves: what is told within seconds came by Stripe's own webhook."""
    order = an_order(api, ada)
    waiting = paid(api, order, card_token=stripe.a_card(AUTHENTICATE))
    assert waiting["state"] == "charging"
    secret = made(api.post(f"/payments/{waiting['id']}/authentication"), 200)["client_secret"]
    reference = stripe.answer_the_bank(secret, approved=approved)
    if not approved:  # which localstripe does not tell of
        webhook_of(api, "payment_intent.payment_failed", reference)
    eventually(lambda: now(api, waiting)["state"] == state)
    assert api.get(f"/orders/{order}").json()["due"]["amount"] == due
    assert len([one for one in stripe.charges(reference) if one["status"] == "succeeded"]) == approved


@pytest.mark.requirement("B15")
def test_webhooks_that_come_repeated_late_or_out_of_order_change_nothing_that_is_so(api, stripe, ada):
    order = an_order(api, ada)
    payment = paid(api, order, card_token=stripe.a_card())
    [intent] = [
        one for one in stripe.listed("payment_intents") if one["metadata"].get("rapport_payment") == payment["id"]
    ]
    for kind in ("succeeded", "processing", "payment_failed", "requires_action", "canceled", "created", "succeeded"):
        webhook_of(api, f"payment_intent.{kind}", intent["id"])
    webhook_of(api, "payment_intent.succeeded", "pi_of_somebody_else")
    webhook_of(api, "charge.refunded", intent["id"], object="charge", payment_intent=intent["id"])
    given = api.post(f"/payments/{payment['id']}/refund", json={}).json()
    for kind in ("succeeded", "payment_failed"):
        webhook_of(api, f"payment_intent.{kind}", intent["id"])
    after = now(api, payment)
    assert (after["state"], after["refunded"], after["version"]) == ("taken", payment["amount"], given["version"])
    assert api.get(f"/orders/{order}").json()["state"] == "refunded"
    assert [one["status"] for one in stripe.charges(intent["id"])] == ["succeeded"]


@pytest.mark.requirement("B04")
def test_a_card_that_its_owner_removes_at_stripe_is_removed_here(api, stripe, ada):
    token = stripe.a_card()
    card = kept(api, ada, token)
    stripe.detach(token)
    webhook_of(api, "payment_method.detached", token, object="payment_method")
    eventually(lambda: api.get(f"/cards/{card['id']}").json()["state"] == "removed")
    assert listed(api, ada) == []


def webhook_of(api: Api, kind: str, id: str, **more: str) -> None:
    """Twice, as Stripe does when it has not heard that it was heard."""
    told = {"object": "payment_intent", "id": id} | more
    body = json.dumps({"id": f"evt_{new_id()}", "type": kind, "data": {"object": told}}).encode()
    assert [webhook(api, body, signature(body)).status_code for _ in range(2)] == [200, 200]
