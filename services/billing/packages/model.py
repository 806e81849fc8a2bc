"""Packages and their versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, DateTime, Integer, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.billing.base import Base, money
from services.billing.taxes.model import TaxRate
from services.billing.taxes.rules import Tax


class PackageVersion(Base):
    """What a package was from one change to the next. The database refuses to change or delete a version."""

    __tablename__ = "package_versions"

    package_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    visibility: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    price: Mapped[int] = mapped_column(BigInteger)
    sign_up_fee: Mapped[int | None] = mapped_column(BigInteger)
    cycle_unit: Mapped[str | None] = mapped_column(String(10))
    cycle_count: Mapped[int | None] = mapped_column(Integer)
    commitment: Mapped[int | None] = mapped_column(Integer)
    seats: Mapped[int] = mapped_column(Integer, server_default="1")
    included_sessions: Mapped[int | None] = mapped_column(Integer)
    valid_days: Mapped[int | None] = mapped_column(Integer)
    tax_rate_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    payment_plans: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    description: Mapped[str | None] = mapped_column(Text)
    on_sale: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str | None] = mapped_column(String(80))

    tax_rate: Mapped[TaxRate | None] = relationship(
        primaryjoin=lambda: PackageVersion.tax_rate_id == TaxRate.id,
        foreign_keys=lambda: [PackageVersion.tax_rate_id],
        viewonly=True,
        lazy="joined",
    )

    @property
    def tax(self) -> Tax | None:
        """What is collected when this version is sold."""
        return None if self.tax_rate is None else self.tax_rate.tax

    @property
    def terms(self) -> dict[str, Any]:
        """All that a change may touch, as the contract says it."""
        fee, unit = self.sign_up_fee, self.cycle_unit
        return {
            "name": self.name,
            "visibility": self.visibility,
            "price": money(self.price, self.currency),
            "sign_up_fee": None if fee is None else money(fee, self.currency),
            "cycle": None if unit is None else {"unit": unit, "count": self.cycle_count},
            "commitment": self.commitment,
            "seats": self.seats,
            "included_sessions": self.included_sessions,
            "valid_days": self.valid_days,
            "description": self.description,
            "tax_rate_id": self.tax_rate_id,
            "payment_plans": self.payment_plans,
            "on_sale": self.on_sale,
        }


class Package(Base):
    """A package; what it is now stands in its current version."""

    __tablename__ = "packages"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    on_sale: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))

    current: Mapped[PackageVersion] = relationship(
        primaryjoin=lambda: (
            (Package.id == PackageVersion.package_id) & (Package.version == PackageVersion.version)  # type: ignore[return-value]
        ),
        foreign_keys=lambda: [Package.id, Package.version],
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )
