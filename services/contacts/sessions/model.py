"""Sessions, and the series that they were planned in."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment

SCHEDULED, CANCELLED, HELD = "scheduled", "cancelled", "held"
COURSE_SESSION = "course_session"


class SessionSeries(Base):
    """A series as it was planned, or last changed as a whole; `starts` is local, in `time_zone`."""

    __tablename__ = "session_series"

    id: Mapped[Key] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text)
    starts: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=False))
    duration_minutes: Mapped[int]
    rule: Mapped[str] = mapped_column(sa.Text)
    time_zone: Mapped[str] = mapped_column(sa.Text)
    location: Mapped[str | None] = mapped_column(sa.Text)
    host_id: Mapped[Key | None]
    course_id: Mapped[Key | None]
    capacity: Mapped[int]
    late_cancel_hours: Mapped[int]
    sessions: Mapped[int]
    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(sa.BigInteger, server_default="1")


class PlannedSession(Base):
    """One session. Its row is the lock of its places: `booked`, `waiting` and `arrivals` change under it alone."""

    __tablename__ = "sessions"
    __table_args__ = (
        sa.Index("sessions_by_time", "starts_at", "id"),
        sa.Index("sessions_by_location", "location", "starts_at", "id",
                 postgresql_where=sa.text("location IS NOT NULL")),
        sa.Index("sessions_by_host", "host_id", "starts_at", "id", postgresql_where=sa.text("host_id IS NOT NULL")),
        sa.Index("sessions_of_series", "series_id", "starts_at", "id",
                 postgresql_where=sa.text("series_id IS NOT NULL")),
        sa.Index("sessions_to_close", "ends_at", "id", postgresql_where=sa.text("state = 'scheduled'")),
        sa.Index("sessions_elsewhere", "kept_by", "external_id", unique=True,
                 postgresql_where=sa.text("kept_by IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[Key] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text)
    title: Mapped[str] = mapped_column(sa.Text)
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    location: Mapped[str | None] = mapped_column(sa.Text)
    host_id: Mapped[Key | None]
    course_id: Mapped[Key | None]
    capacity: Mapped[int]
    late_cancel_hours: Mapped[int]
    state: Mapped[str] = mapped_column(sa.Text, default=SCHEDULED)
    cancel_reason: Mapped[str | None] = mapped_column(sa.Text)
    series_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("session_series.id"))
    booked: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0)
    arrivals: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    kept_by: Mapped[str | None] = mapped_column(sa.Text)
    external_id: Mapped[str | None] = mapped_column(sa.Text)
    external_sequence: Mapped[int | None] = mapped_column(sa.BigInteger)
    external_updated_at: Mapped[Moment | None]
    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)

    @property
    def free(self) -> int:
        """Places left; a capacity lowered below what is booked leaves none."""
        return max(0, self.capacity - self.booked)

    def too_late_to_cancel(self, now: dt.datetime) -> bool:
        """Whether giving a place up now is late."""
        return now > self.starts_at - dt.timedelta(hours=self.late_cancel_hours)
