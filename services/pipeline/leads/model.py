"""The tables of leads and of their moves."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Numeric, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.pipeline.base import Base

_Id = Uuid(as_uuid=False)
_Moment = DateTime(timezone=True)
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ON_BOARD = text("stage_id IS NOT NULL")
_ACTIVE = text("stage_id IS NOT NULL AND standing = 'active'")


class Lead(Base):
    """A contact as the pipeline sees it; who never was a lead has a row too, in no stage, to know what was heard.

    `as_of` holds, for each fact heard from contacts, the version of the contact that told it. `touched_at` is when
    somebody last did something with the lead, or the lead did something.
    """

    __tablename__ = "leads"

    contact_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    stage_id: Mapped[str | None] = mapped_column(_Id, ForeignKey("stages.id"))
    stage_before_won: Mapped[str | None] = mapped_column(_Id)
    rank: Mapped[Decimal] = mapped_column(Numeric)
    status: Mapped[str] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(Text)
    assigned_to: Mapped[str | None] = mapped_column(_Id)
    source: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    lifecycle: Mapped[str | None] = mapped_column(Text)
    lifecycle_reason: Mapped[str | None] = mapped_column(Text)
    as_of: Mapped[dict[str, int]] = mapped_column(JSONB)
    expected_package: Mapped[str | None] = mapped_column(Text)
    value_amount: Mapped[int | None] = mapped_column(BigInteger)
    value_currency: Mapped[str | None] = mapped_column(Text)
    entered_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    entered_stage_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    touched_at: Mapped[dt.datetime] = mapped_column(_Moment)
    version: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("leads_board", "stage_id", "rank", "contact_id", postgresql_where=_ON_BOARD),
        Index("leads_figures", "stage_id", "value_currency", "value_amount", postgresql_where=_ACTIVE),
        Index("leads_of_assignee", "assigned_to", "stage_id", "rank", "contact_id", postgresql_where=_ON_BOARD),
        Index("leads_entered", "entered_at", postgresql_where=_ON_BOARD),
        Index("leads_standing", "stage_id", "entered_stage_at", postgresql_where=_ON_BOARD),
        Index("leads_touched", "touched_at", "contact_id", postgresql_where=_ON_BOARD),
        Index("leads_touched_of_assignee", "assigned_to", "touched_at", "contact_id", postgresql_where=_ON_BOARD),
        Index("leads_of_source_word", func.lower(source), "stage_id", "rank", "contact_id", postgresql_where=_ON_BOARD),
        Index(
            "leads_of_location_word", func.lower(location), "stage_id", "rank", "contact_id", postgresql_where=_ON_BOARD
        ),
    )

    @classmethod
    def unheard_of(cls, contact_id: str) -> Lead:
        """A contact of whom nothing was heard yet."""
        blank = {
            "rank": Decimal(0),
            "status": "new",
            "standing": "active",
            "as_of": {},
            "touched_at": _NEVER,
            "version": 0,
        }
        return cls(contact_id=contact_id, stage_id=None, **blank)

    @property
    def value(self) -> dict[str, Any] | None:
        """What it may be worth, as Money."""
        if self.value_amount is None:
            return None
        return {"amount": self.value_amount, "currency": self.value_currency}


class Move(Base):
    """One move, with the names that the stages had then; the lead's versions give the order, for clocks may tie."""

    __tablename__ = "moves"

    contact_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    moved_at: Mapped[dt.datetime] = mapped_column(_Moment)
    by: Mapped[str | None] = mapped_column(Text)
    by_name: Mapped[str | None] = mapped_column(Text)
    from_stage_id: Mapped[str | None] = mapped_column(_Id)
    from_stage: Mapped[str | None] = mapped_column(Text)
    to_stage_id: Mapped[str] = mapped_column(_Id)
    to_stage: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("moves_into_stage", "to_stage_id", "moved_at", "contact_id"),)
