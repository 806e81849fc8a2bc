"""Cards through Stripe's PaymentIntents (https://docs.stripe.com/payments/payment-intents), by its own library.

A token is the id of a PaymentMethod (`pm_…`), which the browser makes with Stripe's own script.
"""

from __future__ import annotations

from typing import Any

import stripe

from services.billing.cards.port import CardDeclined, ProviderUnreachable

_NOT_NOW = (stripe.APIConnectionError, stripe.RateLimitError, stripe.AuthenticationError, stripe.PermissionError)
_DEAD_ENDS = ("requires_payment_method", "requires_confirmation", "requires_action", "canceled")


class StripeProvider:
    """The provider behind RAPPORT_CARD_PROVIDER=stripe; `api_base` is for a stand-in server."""

    name = "stripe"
    default_token: str | None = None

    def __init__(self, api_key: str, *, api_base: str | None = None, limit: float = 4.0) -> None:
        self.limit = limit
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=limit),
            max_network_retries=1,  # of a connection that broke, with the same idempotency key
        )

    def prepare(self, *, amount: int, currency: str, token: str, key: str, description: str) -> str:
        params: Any = {
            "amount": amount,
            "currency": currency.lower(),
            "payment_method": token,
            "payment_method_types": ["card"],
            "metadata": {"rapport_payment": key, "description": description},
        }
        intent = _ask(lambda: self._intents.create(params, {"idempotency_key": key}))
        return intent.id

    def charge(self, reference: str) -> None:
        intent = _ask(lambda: self._intents.retrieve(reference))
        if intent.status == "requires_confirmation":
            intent = self._confirm(reference)
        if intent.status in ("succeeded", "requires_capture"):
            return
        if intent.status not in _DEAD_ENDS:
            raise ProviderUnreachable(f"The charge is {intent.status}.")
        self._close(intent)
        raise CardDeclined(_reason(intent))

    def give_back(self, reference: str, *, amount: int, key: str) -> None:
        # Stripe forgets idempotency keys after a day; the metadata it keeps.
        given = _ask(lambda: self._client.v1.refunds.list({"payment_intent": reference, "limit": 100}))
        if any(getattr(refund.metadata, "rapport_refund", None) == key for refund in given.data):
            return
        params: Any = {"payment_intent": reference, "amount": amount, "metadata": {"rapport_refund": key}}
        _ask(lambda: self._client.v1.refunds.create(params, {"idempotency_key": key}))

    @property
    def _intents(self) -> Any:
        return self._client.v1.payment_intents

    def _confirm(self, reference: str) -> Any:
        try:
            return self._intents.confirm(reference, None, {"idempotency_key": f"{reference}-confirm"})
        except (stripe.CardError, stripe.InvalidRequestError):
            # Declined, or somebody else confirmed it meanwhile: what it is now is the answer.
            return _ask(lambda: self._intents.retrieve(reference))
        except stripe.StripeError as error:
            raise ProviderUnreachable(type(error).__name__) from error

    def _close(self, intent: Any) -> None:
        """Let nobody finish a charge that billing has given up."""
        if intent.status != "canceled":
            _ask(lambda: self._intents.cancel(intent.id))


def _ask(call: Any) -> Any:
    try:
        return call()
    except _NOT_NOW as error:
        raise ProviderUnreachable(type(error).__name__) from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise CardDeclined(error.code or error.user_message or "refused") from error
    except stripe.StripeError as error:
        raise ProviderUnreachable(type(error).__name__) from error


def _reason(intent: Any) -> str:
    if intent.status == "requires_action":
        return "authentication_required"
    error = intent.last_payment_error
    return getattr(error, "decline_code", None) or getattr(error, "code", None) or intent.status
