"""Cards on file; what may become of one is its own to decide."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Boolean, DateTime, Index, Integer, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.errors import Conflict
from services.billing.base import Base
from services.billing.cards import KeptCard


class Wallet(Base):
    """Whom a provider knows a contact as; its row is locked while the contact's cards change."""

    __tablename__ = "wallets"

    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    customer: Mapped[str | None] = mapped_column(String(200))


class Card(Base):
    """A card by its provider's token, with no more of it than its owner may see."""

    __tablename__ = "cards"
    __table_args__ = (
        Index("cards_of_contact", "contact_id", "id"),
        Index("cards_one_default", "contact_id", unique=True, postgresql_where=text('"default"')),
        Index("cards_on_file_once", "token", "provider", unique=True, postgresql_where=text("state = 'on_file'")),
        Index("cards_to_ask_for_again", "ask_again_at", postgresql_where=text("ask_again_at IS NOT NULL")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    provider: Mapped[str] = mapped_column(String(20))
    customer: Mapped[str | None] = mapped_column(String(200))
    token: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(String(500))
    brand: Mapped[str | None] = mapped_column(String(40))
    last_four: Mapped[str | None] = mapped_column(String(4))
    expires: Mapped[str | None] = mapped_column(String(7))
    default: Mapped[bool] = mapped_column(Boolean)
    ask_again_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    asked_key: Mapped[str | None] = mapped_column(Text, unique=True)
    added_by: Mapped[str] = mapped_column(String(200))
    added_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    def keep(self, kept: KeptCard, customer: str) -> None:
        """The provider keeps it."""
        self.token, self.customer, self.state, self.ask_again_at = kept.token, customer, "on_file", None
        self.brand, self.last_four, self.expires = kept.brand, kept.last_four, kept.expires
        self.version += 1

    def refuse(self, reason: str) -> None:
        """The provider does not keep it."""
        self.state, self.reason, self.ask_again_at = "refused", reason[:500], None
        self.version += 1

    def must_be_on_file(self) -> None:
        """Refuse what only a card on file may do."""
        if self.state != "on_file":
            raise Conflict(f"The card is not on file: it is {self.state}.")

    def remove(self, at: dt.datetime) -> None:
        """It is charged no more; the provider is told to forget it from then on."""
        self.state, self.default, self.ask_again_at = "removed", False, at
        self.version += 1

    def choose(self, chosen: bool) -> None:
        """It is the default now, or is it no longer."""
        self.default = chosen
        self.version += 1
