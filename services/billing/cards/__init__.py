"""Cards: the port to whoever charges them, and the two that stand behind it."""

from services.billing.cards.choice import default_provider, provider_called
from services.billing.cards.port import CardDeclined, CardProvider, ProviderUnreachable

__all__ = ["CardDeclined", "CardProvider", "ProviderUnreachable", "default_provider", "provider_called"]
