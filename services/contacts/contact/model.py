"""One row a contact, what makes it a customer, and who is known not to be whom."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, literal_column, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Contact(Base):
    """A person or a company. Filtered together, kept together: profile, standing and lifecycle are one row."""

    __tablename__ = "contacts"

    id: Mapped[Key] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(Text, default="active")
    merged_into: Mapped[Key | None] = mapped_column(ForeignKey("contacts.id"))
    version: Mapped[int] = mapped_column(BigInteger, default=1)

    display_name: Mapped[str] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Text(collation="C"))
    search: Mapped[str] = mapped_column(Text)

    first_name: Mapped[str | None] = mapped_column(Text)
    last_name: Mapped[str | None] = mapped_column(Text)
    preferred_name: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    birthday: Mapped[dt.date | None]
    gender: Mapped[str | None] = mapped_column(Text)
    website: Mapped[str | None] = mapped_column(Text)
    industry: Mapped[str | None] = mapped_column(Text)
    size: Mapped[str | None] = mapped_column(Text, comment="of a company, as typed: 12, or 11-50")
    source: Mapped[str | None] = mapped_column(Text)
    location: Mapped[str | None] = mapped_column(Text)
    assigned_to: Mapped[Key | None]
    lead_status: Mapped[str | None] = mapped_column(Text)
    fields: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", comment="custom fields by key")

    entered_as: Mapped[str] = mapped_column(Text)
    acquisition: Mapped[str] = mapped_column(Text)
    lifecycle: Mapped[str] = mapped_column(Text)
    lifecycle_reason: Mapped[str] = mapped_column(Text)
    lifecycle_since: Mapped[Moment]
    membership_number: Mapped[str | None] = mapped_column(Text, unique=True)
    customer_since: Mapped[dt.date | None]
    customer_since_told: Mapped[dt.date | None] = mapped_column(comment="brought along by an import")

    archived_at: Mapped[Moment | None]
    archive_reason: Mapped[str | None] = mapped_column(Text)
    first_booked_at: Mapped[Moment | None] = mapped_column(comment="as bookings told last")
    booked_position: Mapped[int] = mapped_column(BigInteger, server_default="0", comment="where in the log they did")

    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[Moment]
    changed_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("contacts_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
        Index("contacts_fields", "fields", postgresql_using="gin", postgresql_ops={"fields": "jsonb_path_ops"}),
        Index("contacts_newest", "standing", "id"),
        Index("contacts_by_name", "standing", "sort_name", "id"),
        Index("contacts_lifecycle", "lifecycle", "standing", "id"),
        Index("contacts_of_lifecycle_by_name", "standing", "lifecycle", "sort_name", "id"),
        Index("contacts_companies", "standing", "id", postgresql_where=text("kind = 'company'")),
        Index("contacts_companies_by_name", "standing", "sort_name", "id", postgresql_where=text("kind = 'company'")),
        Index("contacts_merged", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index("contacts_assigned", "assigned_to", "id", postgresql_where=text("assigned_to IS NOT NULL")),
        Index("contacts_created", "created_at"),
        Index("contacts_customer_since", "customer_since", postgresql_where=text("customer_since IS NOT NULL")),
        Index("contacts_of_acquisition", "acquisition", "standing", "id"),
        Index("contacts_lifecycle_since", "lifecycle_since"),
        Index("contacts_birthday", "birthday", postgresql_where=text("birthday IS NOT NULL")),
        Index(
            "contacts_day_of_birthday",
            text("(EXTRACT(month FROM birthday) * 100 + EXTRACT(day FROM birthday))"),
            postgresql_where=text("birthday IS NOT NULL"),
        ),
        Index(
            "contacts_website",
            literal_column("lower(website)").label("folded"),
            postgresql_using="gin",
            postgresql_ops={"folded": "gin_trgm_ops"},
            postgresql_where=text("website IS NOT NULL"),
        ),
        *(
            Index(f"contacts_{word}", text(f"lower({word})"), word, postgresql_where=text(f"{word} IS NOT NULL"))
            for word in ("source", "location", "industry")
        ),
    )


class CustomerGround(Base):
    """A paid package, as billing tells of it. The later of the two positions in billing's log tells what holds now."""

    __tablename__ = "customer_grounds"

    assignment_id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(ForeignKey("contacts.id"))
    name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(Text)
    since: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    paid_position: Mapped[int] = mapped_column(BigInteger, default=0, comment="0: not heard of yet")
    reversed_position: Mapped[int] = mapped_column(BigInteger, default=0)
    ended_position: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reversal: Mapped[str | None] = mapped_column(Text, comment="why it was reversed")

    __table_args__ = (Index("customer_grounds_contact", "contact_id"),)


class NotTheSame(Base):
    """Somebody said that these two are not one person; `one` is the smaller id."""

    __tablename__ = "not_the_same"

    one: Mapped[Key] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    other: Mapped[Key] = mapped_column(ForeignKey("contacts.id"), primary_key=True)
    said_by: Mapped[str | None] = mapped_column(Text)
    said_at: Mapped[Moment]

    __table_args__ = (Index("not_the_same_other", "other"),)
