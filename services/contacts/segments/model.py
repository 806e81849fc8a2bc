"""Segments, who is in which, and which day they were last looked at in each time zone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Segment(Base):
    """A saved filter; `edition` counts its filters, `evaluated` is the one that everybody was looked at with.

    With `tag` it is the rule of that system tag, which no list of segments shows.
    """

    __tablename__ = "segments"

    id: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_key: Mapped[str] = mapped_column(sa.Text, comment="as it is compared")
    description: Mapped[str] = mapped_column(sa.Text)
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB)
    passes_with_time: Mapped[bool]
    built_in: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    edited: Mapped[bool] = mapped_column(server_default=sa.false(), comment="a built-in one with a filter of its own")
    tag: Mapped[str | None] = mapped_column(sa.Text, unique=True)
    edition: Mapped[int] = mapped_column(sa.BigInteger, default=1)
    evaluated: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    job_id: Mapped[Key | None]
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)
    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(sa.Text)
    changed_at: Mapped[Moment]
    changed_by: Mapped[str | None] = mapped_column(sa.Text)
    deleted_at: Mapped[Moment | None]

    __table_args__ = (
        sa.Index(
            "segments_name", "name_key", unique=True, postgresql_where=sa.text("deleted_at IS NULL AND tag IS NULL")
        ),
    )

    @property
    def follows_settings(self) -> bool:
        """Whether a setting says what it asks."""
        return self.built_in is not None and not self.edited

    @property
    def state(self) -> str:
        return "ready" if self.evaluated == self.edition else "evaluating"


class SegmentMember(Base):
    """A contact is in a segment. A projection: written by evaluation alone, and made anew by it."""

    __tablename__ = "segment_members"
    __table_args__ = (sa.Index("segment_members_contact", "contact_id"),)

    segment_id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(primary_key=True)
    entered_at: Mapped[Moment]


class SegmentDay(Base):
    """The day as of which the members in a time zone are right."""

    __tablename__ = "segment_days"

    segment_id: Mapped[Key] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    day: Mapped[dt.date]
