"""The table of stages."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import DateTime, Index, Numeric, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.pipeline.base import Base


class Stage(Base):
    """A column of the board; one that is leaving is off the board, and stays until nobody stands in it any more."""

    __tablename__ = "stages"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    rank: Mapped[Decimal] = mapped_column(Numeric)
    time_allowed_days: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    leaving_since: Mapped[dt.datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (Index("stages_named", "name", unique=True, postgresql_where=text("leaving_since IS NULL")),)

    @property
    def told(self) -> dict[str, Any]:
        """What every event of a stage says."""
        return {"stage_id": self.id, "name": self.name, "kind": self.kind, "version": self.version}
