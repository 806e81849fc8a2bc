"""The table of stages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.pipeline.base import Base


class Stage(Base):
    __tablename__ = "stages"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    kind: Mapped[str] = mapped_column(Text)
    rank: Mapped[Decimal] = mapped_column(Numeric)
    time_allowed_days: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def told(self) -> dict[str, Any]:
        """What every event of a stage says."""
        return {"stage_id": self.id, "name": self.name, "kind": self.kind, "version": self.version}
