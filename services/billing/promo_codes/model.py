"""Promo codes and their uses; whether one holds at a moment, it decides alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, ForeignKey, Index, Integer, String, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.errors import Invalid
from services.billing.base import Base, money

POINTER = "/promo_code"


class PromoCode(Base):
    """A code; `folded` is how it is found, and of those that are not archived nobody else's."""

    __tablename__ = "promo_codes"
    __table_args__ = (
        Index("promo_codes_in_use", "folded", unique=True, postgresql_where=text("NOT archived")),
        Index("promo_codes_by_word", "folded", "id"),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    folded: Mapped[str] = mapped_column(Text)
    basis_points: Mapped[int | None] = mapped_column(Integer)
    off: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_until: Mapped[dt.date | None] = mapped_column(Date)
    package_ids: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    most_uses: Mapped[int | None] = mapped_column(Integer)
    most_uses_per_contact: Mapped[int | None] = mapped_column(Integer)
    first_purchase_only: Mapped[bool] = mapped_column(Boolean)
    joins_discounts: Mapped[bool] = mapped_column(Boolean)
    uses: Mapped[int] = mapped_column(Integer)
    archived: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    @property
    def amount(self) -> dict[str, Any] | None:
        """What it takes off, where it is no part of a price."""
        return None if self.off is None or self.currency is None else money(self.off, self.currency)

    def must_hold(self, today: dt.date, *, currency: str, package_ids: Collection[str]) -> None:
        """Refuse it at a wrong time, for what it is not for, and once it was used as often as it may be."""
        if self.archived or (self.valid_until is not None and today > self.valid_until):
            raise Invalid.field(POINTER, "This code is over.")
        if self.valid_from is not None and today < self.valid_from:
            raise Invalid.field(POINTER, "This code is not valid yet.")
        if self.most_uses is not None and self.uses >= self.most_uses:
            raise Invalid.field(POINTER, "This code is used up.")
        if self.currency not in (None, currency):
            raise Invalid.field(POINTER, f"This code is in {self.currency}, and the order in {currency}.")
        if not any(self.is_for(package_id) for package_id in package_ids):
            raise Invalid.field(POINTER, "This code is for nothing of what is ordered.")

    def is_for(self, package_id: str) -> bool:
        """Whether it takes something off this package."""
        return self.package_ids is None or package_id in self.package_ids


class PromoCodeUse(Base):
    """An order that has the code, unless it was cancelled and gave it back."""

    __tablename__ = "promo_code_uses"
    __table_args__ = (Index("promo_code_uses_of_contact", "contact_id", "promo_code_id"),)

    order_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    promo_code_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey("promo_codes.id"))
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    used_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
