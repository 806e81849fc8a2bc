"""The custom fields; their values stand in `contacts.fields`, by key."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class CustomField(Base):
    """One field; key and type are for ever, an archived one keeps its values and its key."""

    __tablename__ = "custom_fields"

    id: Mapped[Key] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.Text, unique=True)
    label: Mapped[str] = mapped_column(sa.Text)
    label_key: Mapped[str] = mapped_column(sa.Text, comment="as it is compared")
    type: Mapped[str] = mapped_column(sa.Text)
    choices: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    applies_to: Mapped[str] = mapped_column(sa.Text)
    archived_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)

    __table_args__ = (
        sa.Index("custom_fields_label", "label_key", unique=True, postgresql_where=sa.text("archived_at IS NULL")),
    )

    @property
    def archived(self) -> bool:
        return self.archived_at is not None
