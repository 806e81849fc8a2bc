"""The table of follow-ups."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from contracts.errors import Conflict
from services.pipeline.base import Base

_Id = Uuid(as_uuid=False)
_Moment = DateTime(timezone=True)


class FollowUp(Base):
    """One task about one lead; once it is not open any more, nothing of it changes."""

    __tablename__ = "follow_ups"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(_Id)
    title: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    due_at: Mapped[dt.datetime] = mapped_column(_Moment)
    due_told: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(Text, default="open")
    assigned_to: Mapped[str | None] = mapped_column(_Id)
    follows_lead: Mapped[bool]
    assigned_before: Mapped[str | None] = mapped_column(_Id)
    outcome: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    ended_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    ended_by: Mapped[str | None] = mapped_column(Text)
    rule_id: Mapped[str | None] = mapped_column(_Id)
    created_at: Mapped[dt.datetime] = mapped_column(_Moment)
    created_by: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger, default=1)

    __table_args__ = (
        Index("follow_ups_listed", "due_at", "id"),
        Index("follow_ups_of_lead", "contact_id", "due_at", "id"),
        Index("follow_ups_of_assignee", "assigned_to", "due_at", "id"),
        Index("follow_ups_by_state", "state", "due_at", "id"),
        Index("follow_ups_by_channel", "channel", "due_at", "id"),
        Index("follow_ups_open", "due_at", "id", postgresql_where=text("state = 'open'")),
        Index("follow_ups_untold", "due_at", "id", postgresql_where=text("state = 'open' AND NOT due_told")),
    )

    def refuse_unless_open(self) -> None:
        """What is done, cancelled or stopped stays as it is."""
        if self.state != "open":
            raise Conflict(f"This follow-up is {self.state} already.", state=self.state)

    def give_to(self, team_member_id: str | None, *, follows_lead: bool) -> None:
        """Hand it to somebody, whom nobody has told that it is due, and remember whose it was."""
        self.follows_lead = follows_lead
        if team_member_id != self.assigned_to:
            self.assigned_before, self.assigned_to = self.assigned_to, team_member_id
            self.due_told = self.due_told and team_member_id is None

    def end(self, state: str, *, at: dt.datetime, by: str | None) -> None:
        """Close it for good."""
        self.state, self.ended_at, self.ended_by = state, at, by
        self.version += 1


def told(follow_up: Any) -> dict[str, Any]:
    """What every event of a follow-up says, of the record or of its row."""
    return {
        "follow_up_id": follow_up.id,
        "title": follow_up.title,
        "channel": follow_up.channel,
        "due_at": follow_up.due_at,
        "assigned_to": follow_up.assigned_to,
        "version": follow_up.version,
    }
