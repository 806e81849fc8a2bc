"""Cards: the port to whoever charges and keeps them, and the two that stand behind it."""

from services.billing.cards.choice import default_provider, provider_called
from services.billing.cards.port import (
    CardDeclined,
    CardProvider,
    KeptCard,
    NotAuthenticated,
    Notice,
    NotSigned,
    ProviderUnreachable,
)

__all__ = [
    "CardDeclined",
    "CardProvider",
    "KeptCard",
    "NotAuthenticated",
    "NotSigned",
    "Notice",
    "ProviderUnreachable",
    "default_provider",
    "provider_called",
]
