"""Relations between two contacts."""

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


sa.Index(
    "relations_once",
    sa.func.least(Relation.contact_id, Relation.related_id),
    sa.func.greatest(Relation.contact_id, Relation.related_id),
    Relation.kind,
    unique=True,
)
