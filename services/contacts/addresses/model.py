"""Postal addresses, one or more a contact, one of them primary."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key


class Address(Base):
    __tablename__ = "addresses"

    contact_id: Mapped[Key] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    street: Mapped[str] = mapped_column(Text)
    city: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str] = mapped_column(Text)
    country: Mapped[str] = mapped_column(Text, comment="ISO 3166-1 alpha-2, or empty")
    is_primary: Mapped[bool]

    __table_args__ = tuple(
        Index(f"addresses_{part}", text(f"lower({part})"), "contact_id", postgresql_where=text(f"{part} <> ''"))
        for part in ("city", "postal_code")
    )
