"""Stripe's API on this machine: localstripe as a real server, and what a customer's browser would do there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from local.ports import LOOPBACK, free_port
from tests.builders.waiting import eventually

SECRET_KEY = "sk_test_rapport"
SERVER = Path(__file__).with_name("stripe_server.py")
VISA, DECLINED, CHARGE_DECLINED, AUTHENTICATE = (
    "4242424242424242", "4000000000000002", "4000000000000341", "4000002500003155",
)  # fmt: skip


@dataclass(frozen=True)
class LocalStripe:
    """The server; `settings` are what a house is told to be its customer."""

    url: str
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """For `a_house(settings=…)`."""
        return {"RAPPORT_CARD_PROVIDER": "stripe", "STRIPE_API_KEY": SECRET_KEY, "STRIPE_API_BASE": self.url}

    def a_card(self, number: str = VISA) -> str:
        """A card typed in at the browser: Stripe's token for it."""
        card = {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}
        return self._post("payment_methods", type="card", **{f"card[{key}]": told for key, told in card.items()})["id"]

    def confirm_setup(self, client_secret: str, token: str) -> None:
        """Give a card to Stripe as the browser does."""
        setup = client_secret.partition("_secret_")[0]
        self._post(f"setup_intents/{setup}/confirm", client_secret=client_secret, payment_method=token)

    def cards_of(self, customer: str) -> list[str]:
        """The cards that Stripe keeps for a customer."""
        return [method["id"] for method in self.listed("payment_methods", customer=customer, type="card")]

    def detach(self, token: str) -> None:
        """Remove a card on Stripe's own pages."""
        self._post(f"payment_methods/{token}/detach")

    def answer_the_bank(self, client_secret: str, *, approved: bool) -> str:
        """Be the cardholder at their bank; the id of the charge."""
        reference = client_secret.partition("_secret_")[0]
        self._post(f"payment_intents/{reference}/_authenticate", client_secret=client_secret, success=str(approved))
        return reference

    def listed(self, what: str, **narrowed: str) -> list[dict[str, Any]]:
        """`charges`, `refunds` or `customers` there are."""
        answer = requests.get(
            f"{self.url}/v1/{what}", params={"limit": "100", **narrowed}, auth=(SECRET_KEY, ""), timeout=5
        )
        return answer.json()["data"]

    def charges(self, reference: str) -> list[dict[str, Any]]:
        """What was charged, or tried, under a PaymentIntent."""
        return [charge for charge in self.listed("charges") if charge["payment_intent"] == reference]

    def asked(self, path: str) -> list[dict[str, Any]]:
        """What was asked with POST of paths that end so: with which idempotency `key`, and whether `again`."""
        notes = (self.folder / "asked").read_text().splitlines()
        return [told for told in map(json.loads, notes) if told["path"].endswith(path)]

    def tells(self, url: str, secret: str) -> None:
        """Send webhooks there from now on, signed with the secret, a second after what they tell of."""
        answer = requests.post(f"{self.url}/_config/webhooks/rapport", data={"url": url, "secret": secret}, timeout=5)
        answer.raise_for_status()

    @contextmanager
    def holding_back(self, path: str = "/confirm") -> Iterator[None]:
        """What is asked with POST of paths that end so is done, and its answers come when this is left."""
        (self.folder / "hold").write_text(path)
        try:
            yield
        finally:
            (self.folder / "hold").unlink()
            (self.folder / "held").unlink(missing_ok=True)

    def has_decided(self, many: int = 1) -> bool:
        """Answers about so many things are being held back."""
        held = self.folder / "held"
        return held.exists() and len(set(held.read_text().splitlines())) >= many

    def _post(self, path: str, **told: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/v1/{path}", data=told, auth=(SECRET_KEY, ""), timeout=5)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def local_stripe(folder: Path) -> Iterator[LocalStripe]:
    """Run it until the block is left."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-P", str(SERVER), LOOPBACK, str(port)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    stripe = LocalStripe(f"http://{LOOPBACK}:{port}", folder)
    try:
        eventually(lambda: _answers(stripe))
        yield stripe
    finally:
        server.kill()
        server.wait()


def _answers(stripe: LocalStripe) -> bool:
    try:
        return stripe.listed("charges") == []
    except requests.ConnectionError:
        return False
