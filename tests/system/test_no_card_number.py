"""Cards by Stripe from HTTP to the books, and no card number in any log, database or message of ours."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu import Connection, Exchange, Queue

from chassis.ids import new_id
from local import SERVICES
from tests.builders.local_stripe import AUTHENTICATE, VISA, LocalStripe, local_stripe
from tests.builders.paying import an_order, by_stripe, made, signature, webhook
from tests.builders.people import a_person
from tests.builders.waiting import eventually
from tests.house.living import LivingHouse, manage
from tests.house.web import Api

NUMBERS = (VISA, AUTHENTICATE)


@pytest.fixture
def stripe(tmp_path: Path) -> Iterator[LocalStripe]:
    with local_stripe(tmp_path) as server:
        yield server


@pytest.fixture
def paying(a_house: Callable[..., LivingHouse], stripe: LocalStripe) -> LivingHouse:
    """The whole house, whose cards are Stripe's."""
    return a_house(gateway=True, settings=by_stripe(stripe))


@pytest.mark.requirement("B03", "B04", "B06", "B15")
def test_cards_pass_and_their_numbers_nowhere(paying: LivingHouse, stripe: LocalStripe) -> None:
    api = paying.api()
    with overheard(paying) as messages:
        token, asking = stripe.a_card(), stripe.a_card(AUTHENTICATE)
        ada = made(api.post("/contacts", json=a_person(enter_as="customer")))["id"]
        order = an_order(api, ada)
        keep_and_pay(api, stripe, ada, order, token)
        answer_the_bank_and_pay(api, stripe, an_order(api, ada), asking)
        type_numbers_wherever_they_may_be_typed(api, ada, order)
        said = "\n".join(messages())
    kept, logged = databases(paying), logs(paying)
    processes = {path.stem.partition("-")[0] for path in paying.folder.rglob("*.log")}
    assert {*SERVICES, "gateway"} <= processes, "not every process is looked at"
    for place, control in ((said, token), (kept, token), (logged, "/v1/payments")):
        assert control in place, "what is searched has nothing in it"
    for number in NUMBERS:
        assert [
            name for name, place in (("broker", said), ("database", kept), ("log", logged)) if number in digits(place)
        ] == []


def keep_and_pay(api: Api, stripe: LocalStripe, contact_id: str, order: str, token: str) -> None:
    """The browser gives Stripe the card; here it is kept by its token, charged, given back and forgotten."""
    setup = made(api.post(f"/contacts/{contact_id}/card-setups"))
    assert (setup["provider"], setup["publishable_key"]) == ("stripe", "pk_test_rapport")
    card = made(api.post(f"/contacts/{contact_id}/cards", json={"payment_method": token}))
    assert (card["state"], card["last_four"], card["default"]) == ("on_file", "4242", True)
    payment = made(api.post(f"/orders/{order}/payments", json={"method": "card"}))
    assert (payment["state"], payment["card_id"]) == ("taken", card["id"])
    assert [charge["amount"] for charge in stripe.listed("charges")] == [4900]
    assert api.post(f"/payments/{payment['id']}/refund", json={"reason": "Moved away"}).status_code < 300
    assert api.delete(f"/cards/{card['id']}").status_code == 204


def answer_the_bank_and_pay(api: Api, stripe: LocalStripe, order: str, token: str) -> None:
    """3-D Secure; then Stripe's webhook, twice, and others that are not Stripe's."""
    waiting = made(api.post(f"/orders/{order}/payments", json={"method": "card", "card_token": token}))
    assert waiting["state"] == "charging"
    secret = made(api.post(f"/payments/{waiting['id']}/authentication"), 200)["client_secret"]
    told = {"object": "payment_intent", "id": stripe.answer_the_bank(secret, approved=True)}
    body = json.dumps({"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": told}}).encode()
    for wrong in ("", "nonsense", signature(body, "whsec_guessed"), signature(body, at=time.time() - 400)):
        refused = webhook(api, body, wrong)
        assert (refused.status_code, refused.headers["Content-Type"]) == (400, "application/problem+json"), wrong
    assert webhook(api, b"\xff", signature(b"\xff")).status_code == 400
    assert [webhook(api, body, signature(body)).status_code for _ in range(2)] == [200, 200]
    eventually(lambda: api.get(f"/payments/{waiting['id']}").json()["state"] == "taken")
    assert len(stripe.charges(told["id"])) == 1


def type_numbers_wherever_they_may_be_typed(api: Api, contact_id: str, order: str) -> None:
    """Each is refused at the door, and not said back."""
    spaced = " ".join(VISA[n : n + 4] for n in range(0, 16, 4))
    pay, payment = f"/orders/{order}/payments", {"method": "card"}
    invoice, given_back = (
        api.get(f"/orders/{order}").json()["invoice_id"],
        api.get(f"/payments?order_id={order}").json()["items"][0]["id"],
    )
    for number in (VISA, spaced, spaced.replace(" ", "-")):
        said = {"reason": f"their card is {number}"}
        gift = {"basis_points": 100} | said
        for refused in (
            api.post(pay, json=payment | {"card_token": number}),
            api.post(pay, json=payment | {"card": {"number": number, "cvc": "123"}}),
            api.post(pay, json=payment | {"card_token": "pm_card_visa"}, key=f"key {number}"),
            api.post(f"{pay}?card={number}", json=payment),
            api.post(f"/contacts/{contact_id}/cards", json={"payment_method": number}),
            api.get(f"/cards/{number}"),
            api.patch(f"/cards/{number}", json={"default": True}),
            api.post(f"/orders/{order}/refund", json=said),
            api.post(f"/orders/{order}/cancel", json=said),
            api.post(f"/payments/{given_back}/refund", json=said),
            api.post(f"/payments/{given_back}/reject", json=said),
            api.post(f"/invoices/{invoice}/void", json=said),
            api.post(f"/invoices/{invoice}/write-off", json=said),
            api.post(f"/subscriptions/{new_id()}/cancel", json=said),
            api.post(f"/contacts/{contact_id}/credit/grant", json=said | {"amount": {"amount": 1, "currency": "EUR"}}),
            api.post("/orders", json={"contact_id": contact_id, "items": [{"package_id": new_id(), "discount": gift}]}),
            api.post("/orders/drafts", json={"contact_id": contact_id, "promo_code": number}),
        ):
            assert refused.status_code in (404, 422, 400), refused.text
            assert refused.headers["Content-Type"] == "application/problem+json"
            assert VISA not in digits(refused.text)


def digits(text: str) -> str:
    """Without what people put between the groups of a number."""
    return text.replace(" ", "").replace("-", "").replace("%20", "").replace("+", "")


@contextmanager
def overheard(house: LivingHouse) -> Iterator[Callable[[], list[str]]]:
    """Everything that is published or delivered in the virtual host, by RabbitMQ's own tracing."""
    manage(house.servers, "PUT", f"vhosts/{house.name}", {"tracing": True})
    with Connection(house.env["RAPPORT_AMQP_URI"]) as connection:
        channel = connection.channel()
        trace = Exchange("amq.rabbitmq.trace", "topic", durable=True, passive=True)
        queue = Queue("", trace, routing_key="#", exclusive=True)(channel)
        queue.declare()

        def messages() -> list[str]:
            found = []
            while (message := queue.get(no_ack=True)) is not None:
                found.append(f"{message.headers} {bytes(message.body or b'').decode(errors='replace')}")
            return found

        yield messages


def databases(house: LivingHouse) -> str:
    """Every row of every table."""
    rows = []
    for service in house.services:
        with house.database(service).connect() as connection:
            tables = (
                connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                .scalars()
                .all()
            )
            for table in tables:
                rows += connection.exec_driver_sql(f'SELECT CAST(t AS text) FROM "{table}" AS t').scalars()
    return "\n".join(rows)


def logs(house: LivingHouse) -> str:
    """All that any process of the house wrote, and the servers under it."""
    servers = Path(house.servers.folder)
    written = [*house.folder.rglob("*.log"), *servers.glob("log/*.log"), *servers.glob("rabbitmq*/log/*.log")]
    return "\n".join(path.read_text(errors="replace") for path in written)
