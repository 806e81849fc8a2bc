"""A person's places in companies, now and before."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Affiliation(Base):
    """`contact_id` is the person, `company_id` the company; both are contacts. At most one is the person's primary."""

    __tablename__ = "affiliations"
    __table_args__ = (
        sa.Index("affiliations_of_person", "contact_id", "id"),
        sa.Index("affiliations_of_company", "company_id", "id"),
        sa.Index("affiliations_primary", "contact_id", unique=True, postgresql_where=sa.text("is_primary")),
    )

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    company_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    title: Mapped[str] = mapped_column(sa.Text)
    since: Mapped[dt.date | None]
    until: Mapped[dt.date | None] = mapped_column(comment="the last day")
    is_primary: Mapped[bool]
    version: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(sa.Text)
