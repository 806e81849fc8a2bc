"""What billing asks of a card provider. No card number passes here, only the provider's own tokens."""

from __future__ import annotations

from typing import Protocol


class CardDeclined(Exception):
    """The answer is no, and it is final; the text says why."""


class ProviderUnreachable(Exception):
    """No answer came in time: what was asked may have happened or not."""


class CardProvider(Protocol):
    """Takes money in two steps, so that it is taken once whatever breaks in between.

    `prepare` moves no money and may be lost; `charge` may be asked again and again and answers the same. None takes
    longer than `limit` seconds. None may be called inside a transaction.
    """

    name: str
    default_token: str | None
    limit: float

    def prepare(self, *, amount: int, currency: str, token: str, key: str, description: str) -> str:
        """Announce a charge and return its reference; raise CardDeclined or ProviderUnreachable."""
        ...

    def charge(self, reference: str) -> None:
        """Take the money unless it is taken already; raise CardDeclined or ProviderUnreachable."""
        ...

    def give_back(self, reference: str, *, amount: int, key: str) -> None:
        """Give back that much of a charge, once per key; raise CardDeclined or ProviderUnreachable."""
        ...
