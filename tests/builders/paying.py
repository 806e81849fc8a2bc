"""Selling and paying by card from outside, over HTTP alone."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

from chassis.ids import new_id
from tests.builders.local_stripe import LocalStripe
from tests.builders.waiting import eventually
from tests.house.web import Api

SECRET = "whsec_of_the_tests"


def by_stripe(stripe: LocalStripe) -> dict[str, str]:
    """For `a_house(settings=…)`: cards are Stripe's, and so are webhooks."""
    return stripe.settings | {"RAPPORT_CARD_WEBHOOK_SECRET": SECRET, "STRIPE_PUBLISHABLE_KEY": "pk_test_rapport"}


def an_order(api: Api, contact_id: str) -> str:
    price = {"amount": 4900, "currency": "EUR"}
    course = {"name": f"Course {new_id()}", "kind": "course", "price": price, "included_sessions": 10}
    package = made(api.post("/packages", json=course))
    placed = eventually(lambda: placed_order(api, contact_id, package["id"]))
    return placed["id"]


def placed_order(api: Api, contact_id: str, package_id: str) -> dict[str, Any] | None:
    """None as long as billing has not heard of the contact."""
    answer = api.post("/orders", json={"contact_id": contact_id, "items": [{"package_id": package_id}]})
    return answer.json() if answer.status_code == 201 else None


def made(answer: Any, status: int = 201) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return answer.json()


def webhook(api: Api, body: bytes, mark: str) -> Any:
    headers = {"Stripe-Signature": mark, "Content-Type": "application/json"}
    return api.as_nobody().post("/public/webhooks/cards", data=body, headers=headers)


def signature(body: bytes, secret: str = SECRET, at: float | None = None) -> str:
    when = int(at or time.time())
    return f"t={when},v1={hmac.new(secret.encode(), b'%d.' % when + body, hashlib.sha256).hexdigest()}"
