"""Bookings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment

UPCOMING, WAITLISTED, ATTENDED, MISSED = "upcoming", "waitlisted", "attended", "missed"
CANCELLED, LATE_CANCELLED = "cancelled", "late_cancelled"
PLACED = (UPCOMING, ATTENDED, MISSED)
"""They hold a place of the session."""
ACTIVE = (*PLACED, WAITLISTED)
"""Of these a contact has one a session."""


class Booking(Base):
    """A booking. It changes under the lock of its session alone; `arrival` is its place in the line."""

    __tablename__ = "bookings"
    __table_args__: tuple[Any, ...] = (
        sa.Index("bookings_once", "session_id", "contact_id", unique=True, postgresql_where=sa.text(
            "state IN ('upcoming', 'waitlisted', 'attended', 'missed')")),
        sa.Index("bookings_roster", "session_id", "arrival", "id"),
        sa.Index("bookings_of_contact", "contact_id", "starts_at", "id", postgresql_include=["state"]),
        sa.Index("bookings_of_contact_by_state", "contact_id", "state", "starts_at", "id"),
        sa.Index("bookings_by_time", "starts_at", "id"),
        sa.Index("bookings_by_state", "state", "starts_at", "id"),
        sa.Index("bookings_on_behalf", "booked_by_contact_id",
                 postgresql_where=sa.text("booked_by_contact_id IS NOT NULL")),
        sa.Index("bookings_of_pack", "credit_pack_id", postgresql_where=sa.text("credit_pack_id IS NOT NULL")),
        sa.Index("bookings_elsewhere", "kept_by", "external_id", unique=True,
                 postgresql_where=sa.text("kept_by IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[Key] = mapped_column(primary_key=True)
    session_id: Mapped[Key] = mapped_column(sa.ForeignKey("sessions.id"))
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    state: Mapped[str] = mapped_column(sa.Text)
    starts_at: Mapped[Moment]
    arrival: Mapped[int] = mapped_column(sa.BigInteger)
    party_id: Mapped[Key | None]
    booked_by_contact_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("contacts.id"))
    booked_by: Mapped[str | None] = mapped_column(sa.Text)
    credit_pack_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("credit_packs.id"))
    cancel_cause: Mapped[str | None] = mapped_column(sa.Text)
    cancel_reason: Mapped[str | None] = mapped_column(sa.Text)
    told_from_outside: Mapped[bool] = mapped_column(default=False)
    kept_by: Mapped[str | None] = mapped_column(sa.Text)
    external_id: Mapped[str | None] = mapped_column(sa.Text)
    external_sequence: Mapped[int | None] = mapped_column(sa.BigInteger)
    external_updated_at: Mapped[Moment | None]
    made_at: Mapped[Moment]
    placed_at: Mapped[Moment | None] = mapped_column(comment="when it was given a place, if not when it was made")
    changed_at: Mapped[Moment]
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)
