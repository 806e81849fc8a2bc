"""Photos of contacts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Photo(Base):
    """Where the photo lies; without a `file_key` it was removed, and `version` counts on."""

    __tablename__ = "photos"

    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"), primary_key=True)
    file_key: Mapped[str | None] = mapped_column(sa.Text)
    width: Mapped[int]
    height: Mapped[int]
    version: Mapped[int] = mapped_column(sa.BigInteger)
    changed_at: Mapped[Moment]
    changed_by: Mapped[str | None] = mapped_column(sa.Text)
