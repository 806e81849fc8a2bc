"""The base of the pipeline's tables, and what its rules have in common."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import DateTime, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from chassis.database import declarative_base_of

Base = declarative_base_of("pipeline")


class Rule:
    """What the business has arranged to happen by itself, until it is paused."""

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    paused: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    version: Mapped[int]

    @property
    def told(self) -> dict[str, Any]:
        """What every event of a rule says."""
        return {"rule_id": self.id, "name": self.name, "version": self.version}
