"""The tables of stage rules and of what they did."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.pipeline.base import Base, Rule

_Id = Uuid(as_uuid=False)
_Moment = DateTime(timezone=True)


class StageRule(Rule, Base):
    """`do` is `{deed: what it needs}`; a stage that goes takes its rules along."""

    __tablename__ = "stage_rules"

    stage_id: Mapped[str] = mapped_column(_Id, ForeignKey("stages.id", ondelete="CASCADE"))
    when: Mapped[str] = mapped_column(Text)
    after_hours: Mapped[int | None]
    do: Mapped[dict[str, Any]] = mapped_column(JSONB)
    active_since: Mapped[dt.datetime] = mapped_column(_Moment)

    __table_args__ = (Index("stage_rules_of_stage", "stage_id", "when"),)

    @property
    def deed(self) -> str:
        """The one thing that it does."""
        return next(iter(self.do))


class RuleRun(Base):
    """One run, for one time that a lead entered the stage: the key is what makes it one."""

    __tablename__ = "stage_rule_runs"

    rule_id: Mapped[str] = mapped_column(_Id, ForeignKey("stage_rules.id", ondelete="CASCADE"), primary_key=True)
    contact_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    rule_version: Mapped[int]
    ran_at: Mapped[dt.datetime] = mapped_column(_Moment)
    deed: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    because: Mapped[str | None] = mapped_column(Text)
    follow_up_id: Mapped[str | None] = mapped_column(_Id)
    team_member_id: Mapped[str | None] = mapped_column(_Id)

    __table_args__ = (
        Index("stage_rule_runs_listed", "rule_id", "ran_at", "contact_id", "entry"),
        Index("stage_rule_runs_by_result", "rule_id", "result", "ran_at", "contact_id", "entry"),
        Index("stage_rule_runs_of_contact", "contact_id"),
    )
