"""The table of sales flows."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from contracts.errors import Conflict
from services.pipeline.base import Base

_Id = Uuid(as_uuid=False)
_Moment = DateTime(timezone=True)


class SalesFlow(Base):
    """`steps` has what was saved of each step, with what that lacks; the words and answers stand where they belong."""

    __tablename__ = "sales_flows"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(_Id)
    state: Mapped[str] = mapped_column(Text)
    steps: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSONB)
    begun_at: Mapped[dt.datetime] = mapped_column(_Moment)
    begun_by: Mapped[str | None] = mapped_column(Text)
    submitted_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    submitted_by: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[str | None] = mapped_column(_Id)
    order_id: Mapped[str | None] = mapped_column(_Id)
    order_number: Mapped[int | None] = mapped_column(BigInteger)
    refusal: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int]

    __table_args__ = (
        Index("sales_flows_of_contact", "contact_id", "id"),
        Index("sales_flows_in_state", "state", "id"),
        Index(
            "sales_flows_under_way",
            "contact_id",
            unique=True,
            postgresql_where=text("state IN ('open', 'ordering')"),
        ),
    )

    @property
    def told(self) -> dict[str, Any]:
        """What every event of it says."""
        return {"sales_flow_id": self.id, "version": self.version}

    def refuse_unless_open(self) -> None:
        """Refuse what only a flow that is open takes."""
        if self.state != "open":
            raise Conflict(f"This sales flow is {self.state} already.")
