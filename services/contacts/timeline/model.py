"""One entry for each event that is about a contact, or about a thing that is managed."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class TimelineEntry(Base):
    """A projection: it can be thrown away and built again from the services' event logs.

    It knows no contacts table, since an event may arrive before what it is about. Of what happens to a location, a tag
    or a segment `contact_id` is that thing's: its history is read, kept and made anew as a contact's is.
    """

    __tablename__ = "timeline_entries"
    __table_args__ = (
        sa.Index("timeline_entries_newest", "contact_id", "happened_at", "event_id"),
        sa.Index("timeline_entries_of_type", "contact_id", "type", "happened_at", "event_id"),
    )

    contact_id: Mapped[Key] = mapped_column(primary_key=True)
    event_id: Mapped[Key] = mapped_column(primary_key=True)
    happened_at: Mapped[Moment]
    type: Mapped[str] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.Text)
    sequence: Mapped[int | None] = mapped_column(sa.BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    edition: Mapped[int] = mapped_column(server_default="0", comment="in which rebuilding it was last seen in a log")
