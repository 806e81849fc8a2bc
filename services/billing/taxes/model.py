"""Tax rates."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, DateTime, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base
from services.billing.taxes.rules import Tax


class TaxRate(Base):
    """A rate; what it comes to never changes, so that whatever was sold with it needs no copy."""

    __tablename__ = "tax_rates"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    basis_points: Mapped[int] = mapped_column(Integer)
    inclusive: Mapped[bool] = mapped_column(Boolean)
    archived: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int] = mapped_column(Integer)

    @property
    def tax(self) -> Tax:
        """The rate as something is sold with it now."""
        return Tax(self.id, self.name, self.basis_points, self.inclusive)
