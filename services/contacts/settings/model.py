"""The settings that the business has said itself, and its locations."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Setting(Base):
    """A setting that was said; JSON null is one that went back to its default. The newest version is that of all."""

    __tablename__ = "settings"

    key: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB, nullable=False)
    version: Mapped[int] = mapped_column(sa.BigInteger)
    changed_at: Mapped[Moment]
    changed_by: Mapped[str | None] = mapped_column(sa.Text)


class Location(Base):
    """A place of the business; `key` is what contacts, club access and filters name it by."""

    __tablename__ = "locations"

    id: Mapped[Key] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, unique=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_key: Mapped[str] = mapped_column(sa.Text, comment="as it is compared")
    time_zone: Mapped[str | None] = mapped_column(sa.Text)
    address: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    archived_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)

    __table_args__ = (
        sa.Index("locations_name", "name_key", unique=True, postgresql_where=sa.text("archived_at IS NULL")),
    )

    @property
    def archived(self) -> bool:
        return self.archived_at is not None
