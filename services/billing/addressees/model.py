"""Postal addresses of who buys."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base


class PostalAddress(Base):
    """The address for invoices of a contact whom billing had to do with, as of a version of the contact; null: none."""

    __tablename__ = "postal_addresses"

    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    version: Mapped[int] = mapped_column(BigInteger)
