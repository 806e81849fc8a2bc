"""Who signed up, until it is settled what becomes of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Signup(Base):
    """`form` is what was sent, and is forgotten once it is settled: what is needed of it is in other rooms then.

    `outcome` is entered, known (signed up again), trapped (no human) or refused (the business changed meanwhile).
    """

    __tablename__ = "signups"
    __table_args__ = (sa.Index("signups_of_contact", "contact_id", postgresql_where=sa.text("contact_id IS NOT NULL")),)

    id: Mapped[Key] = mapped_column(primary_key=True)
    form: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    received_at: Mapped[Moment]
    outcome: Mapped[str | None] = mapped_column(sa.Text)
    contact_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("contacts.id"))
    settled_at: Mapped[Moment | None]
