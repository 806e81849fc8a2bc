"""Stripe's API on this machine: localstripe as a real server, and what a customer's browser would do there."""

from __future__ import annotations

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
SERVER = """
import asyncio, pathlib, sys
from aiohttp import web
from localstripe.resources import PaymentIntent, extra_apis

confirm = PaymentIntent._api_confirm

def confirm_with_or_without_anybody_there(id, off_session="false", **told):  # which localstripe does not know
    intent = confirm(id, **told)
    intent.metadata = {**intent.metadata, "off_session": off_session}
    return intent

for place, (method, url, api) in enumerate(extra_apis):
    if api == confirm:
        extra_apis[place] = method, url, confirm_with_or_without_anybody_there

from localstripe.server import app

@web.middleware
async def hold_back(request, handler):
    try:
        return await handler(request)
    finally:  # also of an answer that is no
        if request.path.endswith("/confirm") and pathlib.Path("hold").exists():
            pathlib.Path("confirmed").touch()
            while pathlib.Path("hold").exists():
                await asyncio.sleep(0.02)

app.middlewares.append(hold_back)
web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), print=None)
"""
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

    @contextmanager
    def holding_back(self) -> Iterator[None]:
        """Charges are made, and their answers come when this is left."""
        (self.folder / "hold").touch()
        try:
            yield
        finally:
            (self.folder / "hold").unlink()
            (self.folder / "confirmed").unlink(missing_ok=True)

    def has_charged(self) -> bool:
        """An answer is being held back."""
        return (self.folder / "confirmed").exists()

    def _post(self, path: str, **told: Any) -> dict[str, Any]:
        answer = requests.post(f"{self.url}/v1/{path}", data=told, auth=(SECRET_KEY, ""), timeout=5)
        answer.raise_for_status()
        return answer.json()


@contextmanager
def local_stripe(folder: Path) -> Iterator[LocalStripe]:
    """Run it until the block is left."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, LOOPBACK, str(port)],
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
