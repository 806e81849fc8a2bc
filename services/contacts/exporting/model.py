"""What was asked for, and what came of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Export(Base):
    """Its id is the job's, and names the file in storage; `rows` is null until the file is there."""

    __tablename__ = "exports"
    __table_args__ = (sa.Index("exports_of", "started_by", "id"),)

    id: Mapped[Key] = mapped_column(primary_key=True)
    format: Mapped[str] = mapped_column(sa.Text)
    bom: Mapped[bool]
    columns: Mapped[list[str]] = mapped_column(JSONB)
    selection: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rows: Mapped[int | None]
    size: Mapped[int | None] = mapped_column(sa.BigInteger)
    started_at: Mapped[Moment]
    started_by: Mapped[str | None] = mapped_column(sa.Text)
    kept_until: Mapped[Moment | None]

    @property
    def file_name(self) -> str:
        return f"contacts-{self.started_at:%Y-%m-%d}.{self.format}"
