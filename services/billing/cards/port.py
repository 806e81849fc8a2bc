"""What billing asks of a card provider. No card number passes here, only the provider's own tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class CardDeclined(Exception):
    """The answer is no, and it is final; the text says why."""


class ProviderUnreachable(Exception):
    """No answer came in time: what was asked may have happened or not."""


class NotAuthenticated(Exception):
    """The cardholder has not answered their bank yet (3-D Secure); it may be asked again."""


class NotSigned(Exception):
    """It does not come from the provider, or came too late."""


@dataclass(frozen=True)
class KeptCard:
    """A card that the provider keeps: its token there, and what may be known of it here; `expires` as `2030-12`."""

    token: str
    brand: str
    last_four: str
    expires: str


@dataclass(frozen=True)
class Notice:
    """Something happened at the provider: to the charge of that reference, or to the card of that token."""

    id: str
    kind: str
    reference: str | None = None
    card_token: str | None = None


class CardProvider(Protocol):
    """Takes money in two steps, so that it is taken once whatever breaks in between.

    `prepare` moves no money and may be lost; `charge` may be asked again and again and answers the same. None takes
    longer than `limit` seconds. None may be called inside a transaction. All but `read_notice` raise CardDeclined or
    ProviderUnreachable.
    """

    name: str
    default_token: str | None
    publishable_key: str | None
    limit: float

    def prepare(
        self, *, amount: int, currency: str, token: str, customer: str | None = None, key: str, description: str
    ) -> str:
        """Announce a charge and return its reference; a card on file is its `customer`'s."""
        ...

    def charge(self, reference: str, *, off_session: bool = False) -> None:
        """Take the money unless it is taken already; raise NotAuthenticated while the cardholder is asked.

        `off_session`: nobody is there whom their bank could ask, so it declines what it would have asked about.
        """
        ...

    def secret_of(self, reference: str) -> str:
        """What the cardholder's browser needs to answer the bank."""
        ...

    def give_up(self, reference: str) -> None:
        """Let nobody finish a charge any more: CardDeclined, unless the money is taken already."""
        ...

    def give_back(self, reference: str, *, amount: int, key: str) -> None:
        """Give back that much of a charge, once per key."""
        ...

    def customer_of(self, contact_id: str) -> str:
        """Make the contact known to the provider, by no more than the id."""
        ...

    def set_up(self, customer: str) -> str:
        """What the customer's browser needs to give a card to the provider."""
        ...

    def keep(self, token: str, *, customer: str, key: str) -> KeptCard:
        """Keep a card for a customer, once per key; it cannot be another customer's."""
        ...

    def look_at(self, token: str) -> KeptCard | None:
        """A kept card as it is now; None when it is kept no longer."""
        ...

    def forget(self, token: str) -> None:
        """Keep a card no longer; forgetting twice is harmless."""
        ...

    def read_notice(self, payload: str, signature: str) -> Notice:
        """What a webhook says; raise NotSigned."""
        ...
