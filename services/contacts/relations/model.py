"""Relations between two contacts, and which memberships are shared, as billing tells."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Relation(Base):
    """`related_id` is the `role` of `contact_id`; two contacts have one row for each kind, whichever stands first."""

    __tablename__ = "relations"

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    related_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    kind: Mapped[str] = mapped_column(sa.Text)
    role: Mapped[str] = mapped_column(sa.Text)
    note: Mapped[str | None] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index("relations_of_contact", "contact_id", "id"),
        sa.Index("relations_of_related", "related_id", "id"),
    )


class SharedSeat(Base):
    """A contact's use of a membership that its owner pays for, as billing told of it last, at `told_at` of its log.

    A projection: it knows no contacts table, since an event may arrive before what it is about.
    """

    __tablename__ = "shared_seats"

    seat_id: Mapped[Key] = mapped_column(primary_key=True)
    subscription_id: Mapped[Key]
    contact_id: Mapped[Key]
    owner_id: Mapped[Key]
    name: Mapped[str] = mapped_column(sa.Text)
    left: Mapped[bool]
    told_at: Mapped[int] = mapped_column(sa.BigInteger)

    __table_args__ = tuple(
        sa.Index(f"shared_seats_of_{whose}", f"{whose}_id", postgresql_where=sa.text('NOT "left"'))
        for whose in ("contact", "owner", "subscription")
    )


sa.Index(
    "relations_once",
    sa.func.least(Relation.contact_id, Relation.related_id),
    sa.func.greatest(Relation.contact_id, Relation.related_id),
    Relation.kind,
    unique=True,
)
