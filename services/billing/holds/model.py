"""Holds."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import DateTime, Index, Integer, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base


class Hold(Base):
    """A contact's row that whoever sells to them shares, and whoever archives them has alone.

    A hold is of one `step` of the bulk action `held_by`, and has an `id` of its own: what becomes known of an earlier
    one does not end it.
    """

    __tablename__ = "holds"
    __table_args__ = (Index("holds_to_settle", "held_at", postgresql_where=text("id IS NOT NULL")),)

    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    held_by: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    step: Mapped[int | None] = mapped_column(Integer)
    held_at: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))
