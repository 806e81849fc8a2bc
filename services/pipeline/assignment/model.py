"""The tables of assignment rules and of whom they chose."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, DateTime, Index, Numeric, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.pipeline.base import Base, Rule

_Id = Uuid(as_uuid=False)
_Moment = DateTime(timezone=True)


class AssignmentRule(Rule, Base):
    """`turn` counts the turns that were given; whoever gives one holds the row."""

    __tablename__ = "assignment_rules"

    strategy: Mapped[str] = mapped_column(Text)
    team_member_ids: Mapped[list[str]] = mapped_column(ARRAY(_Id))
    source: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    rank: Mapped[Decimal] = mapped_column(Numeric)
    turn: Mapped[int] = mapped_column(BigInteger, default=0)


class Choice(Base):
    """Whom a rule chose for a lead: once, when it came in with nobody."""

    __tablename__ = "assignment_choices"

    contact_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    rule_id: Mapped[str] = mapped_column(_Id)
    team_member_id: Mapped[str] = mapped_column(_Id)
    chosen_at: Mapped[dt.datetime] = mapped_column(_Moment)

    __table_args__ = (Index("assignment_choices_of_rule", "rule_id", "chosen_at", "contact_id"),)
