"""E-mail addresses and phone numbers, as typed and as compared."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key


class Email(Base):
    """Among active contacts an address belongs to one, unless two were said not to be the same (`exclusive` false)."""

    __tablename__ = "emails"

    contact_id: Mapped[Key] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    value: Mapped[str] = mapped_column(Text, comment="as typed")
    normalised: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    is_primary: Mapped[bool]
    exclusive: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        Index("emails_normalised", "normalised"),
        Index("emails_of_one", "normalised", unique=True, postgresql_where=text("exclusive")),
    )


class Phone(Base):
    """A number may be shared by a household; number and name together belong to one active contact."""

    __tablename__ = "phones"

    contact_id: Mapped[Key] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    value: Mapped[str] = mapped_column(Text, comment="E.164")
    as_typed: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    is_primary: Mapped[bool]
    name_key: Mapped[str] = mapped_column(Text, comment="the folded name of the contact")
    exclusive: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        Index("phones_of_one", "value", "name_key", unique=True, postgresql_where=text("exclusive")),
        Index("phones_value", "value"),
    )
