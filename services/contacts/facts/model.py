"""One row of facts a contact, and the marks that events left, of which the facts are the sum."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment

NEVER = "'0001-01-02 00:00:00+00'::timestamptz"
"""In SQL, what stands for a moment that never was: lists are sorted by these, and a key of a page is never null."""


def _where_known(name: str, *columns: str) -> sa.Index:
    bare = re.sub(r"\w+\((.*)\)", r"\1", columns[0])
    return sa.Index(name, *map(sa.text, columns), postgresql_where=sa.text(f"{bare} IS NOT NULL"))


def _newest(name: str, column: str) -> sa.Index:
    return sa.Index(name, sa.text(f"coalesce({column}, {NEVER})"), "contact_id")


class Facts(Base):
    """What is filtered by; a contact has it from a moment after they were entered.

    A projection: it knows no contacts table, since an event may arrive before what it is about.
    """

    __tablename__ = "facts"

    contact_id: Mapped[Key] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(sa.Text)
    lifetime_value: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    purchases: Mapped[int] = mapped_column(server_default="0")
    first_purchase_at: Mapped[Moment | None]
    last_purchase_at: Mapped[Moment | None]
    dues: Mapped[int] = mapped_column(sa.BigInteger, server_default="0")
    subscription_state: Mapped[str | None] = mapped_column(sa.Text)
    had_subscription: Mapped[bool] = mapped_column(server_default=sa.false())
    membership: Mapped[str | None] = mapped_column(sa.Text)
    pricing_option: Mapped[str | None] = mapped_column(sa.Text)
    membership_expires_on: Mapped[dt.date | None]
    trial: Mapped[bool] = mapped_column(server_default=sa.false())
    stage: Mapped[str | None] = mapped_column(sa.Text)
    bookings: Mapped[int] = mapped_column(server_default="0")
    visits: Mapped[int] = mapped_column(server_default="0")
    cancellations: Mapped[int] = mapped_column(server_default="0")
    late_cancellations: Mapped[int] = mapped_column(server_default="0")
    no_shows: Mapped[int] = mapped_column(server_default="0")
    first_booking_at: Mapped[Moment | None]
    last_booking_at: Mapped[Moment | None]
    last_visit_at: Mapped[Moment | None]
    last_contact_at: Mapped[Moment | None]
    last_contact_channel: Mapped[str | None] = mapped_column(sa.Text)
    last_activity_at: Mapped[Moment | None]

    __table_args__ = (
        sa.Index("facts_lifetime_value", "lifetime_value", "contact_id"),
        sa.Index("facts_dues", "dues", "contact_id"),
        _where_known("facts_last_purchase", "last_purchase_at"),
        _where_known("facts_subscription", "subscription_state"),
        _where_known("facts_expiry", "membership_expires_on"),
        _where_known("facts_membership", "lower(membership)"),
        _where_known("facts_pricing_option", "lower(pricing_option)"),
        _where_known("facts_stage", "lower(stage)"),
        _newest("facts_last_booking", "last_booking_at"),
        _newest("facts_last_visit", "last_visit_at"),
        _newest("facts_last_contact", "last_contact_at"),
        _newest("facts_last_activity", "last_activity_at"),
    )


_COUNTS = (
    "lifetime_value", "purchases", "dues", "bookings", "visits", "cancellations", "late_cancellations", "no_shows",
)  # fmt: skip
_NOUGHTS = dict.fromkeys(_COUNTS, 0) | {"had_subscription": False, "trial": False}


def nothing_of(contact_id: str, currency: str) -> dict[str, Any]:
    """The facts of whom nothing is known: noughts, and no moment ever."""
    return dict.fromkeys(Facts.__table__.c.keys()) | _NOUGHTS | {"contact_id": contact_id, "currency": currency}


class FactMark(Base):
    """What the newest event about one thing says: an order, a payment, a package, a booking, or the contact itself.

    `rank`, then `event_id`, tells which of two is newer. While facts are rebuilt, two `edition`s of each mark stand
    side by side.
    """

    __tablename__ = "fact_marks"

    contact_id: Mapped[Key] = mapped_column(primary_key=True)
    edition: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    thing: Mapped[Key] = mapped_column(primary_key=True)
    rank: Mapped[int] = mapped_column(sa.BigInteger)
    event_id: Mapped[Key]
    at: Mapped[Moment]
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
