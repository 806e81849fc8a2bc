"""Which provider charges the cards: RAPPORT_CARD_PROVIDER, `test` where nothing is said."""

from __future__ import annotations

from functools import cache

from environs import Env

from chassis.config import settings
from services.billing.cards.port import CardProvider


def default_provider() -> CardProvider:
    """The provider for new charges."""
    return provider_called(Env().str("RAPPORT_CARD_PROVIDER", "test"))


@cache
def provider_called(name: str) -> CardProvider:
    """The provider of that name; a charge is asked for again where it was asked for first."""
    if name == "test":
        from services.billing.cards.test_provider import TestProvider

        return TestProvider(settings().database_url_of("billing"))
    if name == "stripe":
        from services.billing.cards.stripe import StripeProvider

        env = Env()
        return StripeProvider(
            env.str("STRIPE_API_KEY"),
            api_base=env.str("STRIPE_API_BASE", None),
            publishable_key=env.str("STRIPE_PUBLISHABLE_KEY", None),
        )
    raise ValueError(f"RAPPORT_CARD_PROVIDER is {name!r}; it may be test or stripe.")
