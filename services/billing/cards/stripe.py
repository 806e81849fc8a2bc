"""Cards through Stripe's PaymentIntents (https://docs.stripe.com/payments/payment-intents), by its own library.

A token is the id of a PaymentMethod (`pm_…`), which the browser makes with Stripe's own script. A card on file is a
PaymentMethod that is attached to a Customer, of whom Stripe is told no more than our id.
"""

from __future__ import annotations

from typing import Any

import stripe

from services.billing.cards.port import CardDeclined, KeptCard, NotAuthenticated, Notice, ProviderUnreachable
from services.billing.cards.webhooks import read_signed

_NOT_NOW = (stripe.APIConnectionError, stripe.RateLimitError, stripe.AuthenticationError, stripe.PermissionError)
_TAKEN = ("succeeded", "requires_capture")
_DEAD_ENDS = ("requires_payment_method", "requires_confirmation", "canceled")


class StripeProvider:
    """The provider behind RAPPORT_CARD_PROVIDER=stripe; `api_base` is for a stand-in server."""

    name = "stripe"
    default_token: str | None = None

    def __init__(
        self, api_key: str, *, api_base: str | None = None, publishable_key: str | None = None, limit: float = 4.0
    ) -> None:
        self.limit = limit
        self.publishable_key = publishable_key
        self._client = stripe.StripeClient(
            api_key,
            base_addresses={"api": api_base} if api_base else {},
            http_client=stripe.RequestsClient(timeout=limit),
            max_network_retries=1,  # of a connection that broke, with the same idempotency key
        )

    def prepare(
        self, *, amount: int, currency: str, token: str, customer: str | None = None, key: str, description: str
    ) -> str:
        params: Any = {
            "amount": amount,
            "currency": currency.lower(),
            "payment_method": token,
            "payment_method_types": ["card"],
            "metadata": {"rapport_payment": key, "description": description},
        }
        if customer:
            params["customer"] = customer
        intent = _ask(lambda: self._intents.create(params, {"idempotency_key": key}))
        return intent.id

    def charge(self, reference: str, *, off_session: bool = False) -> None:
        intent = self._intent(reference)
        if intent.status == "requires_confirmation":
            intent = self._confirm(reference, off_session=off_session)
        if intent.status in _TAKEN:
            return
        if intent.status == "requires_action":
            raise NotAuthenticated
        if intent.status not in _DEAD_ENDS:
            raise ProviderUnreachable(f"The charge is {intent.status}.")
        self._close(intent)

    def secret_of(self, reference: str) -> str:
        return str(self._intent(reference).client_secret)

    def give_up(self, reference: str) -> None:
        intent = self._intent(reference)
        if intent.status not in _TAKEN:
            self._close(intent)

    def give_back(self, reference: str, *, amount: int, key: str) -> None:
        # Stripe forgets idempotency keys after a day; the metadata it keeps.
        given = _ask(lambda: self._client.v1.refunds.list({"payment_intent": reference, "limit": 100}))
        if any(getattr(refund.metadata, "rapport_refund", None) == key for refund in given.data):
            return
        params: Any = {"payment_intent": reference, "amount": amount, "metadata": {"rapport_refund": key}}
        _ask(lambda: self._client.v1.refunds.create(params, {"idempotency_key": key}))

    def customer_of(self, contact_id: str) -> str:
        params: Any = {"metadata": {"rapport_contact": contact_id}}
        made = _ask(lambda: self._client.v1.customers.create(params, {"idempotency_key": f"customer-{contact_id}"}))
        return str(made.id)

    def set_up(self, customer: str) -> str:
        params: Any = {"customer": customer, "usage": "off_session", "payment_method_types": ["card"]}
        return str(_ask(lambda: self._client.v1.setup_intents.create(params)).client_secret)

    def keep(self, token: str, *, customer: str, key: str) -> KeptCard:
        method = _ask(lambda: self._methods.retrieve(token))
        if method.type != "card":
            raise CardDeclined("not_a_card")
        if method.customer is not None and _id_of(method.customer) != customer:
            raise CardDeclined("card_of_another_customer")
        if method.customer is None:  # attaching what is attached already is an error
            attached, keyed = method.id, {"idempotency_key": f"{key}-keep"}
            method = _ask(lambda: self._methods.attach(attached, {"customer": customer}, keyed))
        return _kept(method)

    def look_at(self, token: str) -> KeptCard | None:
        try:
            method = _ask(lambda: self._methods.retrieve(token))
        except CardDeclined:
            return None
        return _kept(method) if method.customer is not None else None

    def forget(self, token: str) -> None:
        if self.look_at(token) is not None:
            _ask(lambda: self._methods.detach(token))

    def read_notice(self, payload: str, signature: str) -> Notice:
        return read_signed(payload, signature)

    @property
    def _intents(self) -> Any:
        return self._client.v1.payment_intents

    @property
    def _methods(self) -> Any:
        return self._client.v1.payment_methods

    def _intent(self, reference: str) -> Any:
        return _ask(lambda: self._intents.retrieve(reference))

    def _confirm(self, reference: str, *, off_session: bool) -> Any:
        params: Any = {"off_session": True} if off_session else None
        try:
            return self._intents.confirm(reference, params, {"idempotency_key": f"{reference}-confirm"})
        except (stripe.CardError, stripe.InvalidRequestError):
            # Declined, or somebody else confirmed it meanwhile: what it is now is the answer.
            return self._intent(reference)
        except stripe.StripeError as error:
            raise ProviderUnreachable(type(error).__name__) from error

    def _close(self, intent: Any) -> None:
        """Let nobody finish a charge that billing gives up, and say why; what was taken meanwhile is taken."""
        reason = _reason(intent)
        if intent.status != "canceled":
            try:
                _ask(lambda: self._intents.cancel(intent.id))
            except CardDeclined:
                if self._intent(intent.id).status in _TAKEN:
                    return
                raise
        raise CardDeclined(reason)


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


def _kept(method: Any) -> KeptCard:
    card = method.card
    return KeptCard(method.id, str(card.brand), str(card.last4), f"{card.exp_year:04d}-{card.exp_month:02d}")


def _id_of(customer: Any) -> str:
    return customer if isinstance(customer, str) else str(customer.id)
