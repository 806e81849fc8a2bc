"""Webhooks as Stripe signs them (https://docs.stripe.com/webhooks#verify-manually); the test provider does it too."""

from __future__ import annotations

import json
from typing import Any

import stripe
from environs import Env

from services.billing.cards.port import Notice, NotSigned

REPLAY_WINDOW = 300
"""Seconds after which a signature is too old."""


def read_signed(payload: str, signature: str) -> Notice:
    """The notice in a webhook, if it was signed with RAPPORT_CARD_WEBHOOK_SECRET and not long ago; else NotSigned."""
    secret = Env().str("RAPPORT_CARD_WEBHOOK_SECRET", "")
    if not secret:
        raise NotSigned("No secret for webhooks is configured.")
    try:
        stripe.WebhookSignature.verify_header(payload, signature, secret, REPLAY_WINDOW)  # type: ignore[no-untyped-call]
    except stripe.SignatureVerificationError:
        raise NotSigned("The signature is not the provider's, or too old.") from None
    try:
        event = json.loads(payload)
        return _notice(str(event["id"]), str(event["type"]), event["data"]["object"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NotSigned("The webhook is none that we know.") from None


def _notice(id: str, kind: str, thing: dict[str, Any]) -> Notice:
    what = thing.get("object")
    if what == "payment_intent":
        return Notice(id, kind, reference=str(thing["id"]))
    if what == "payment_method":
        return Notice(id, kind, card_token=str(thing["id"]))
    reference = thing.get("payment_intent")
    return Notice(id, kind, reference=reference if isinstance(reference, str) else None)
