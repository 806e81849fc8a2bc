"""The ledger of consent, and how somebody prefers to be reached."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Consent(Base):
    """A line of the ledger; of one contact, channel and subject the highest `number` holds.

    The database refuses to change what was said. A merge moves lines to the survivor, and an erasure may empty
    `text`, `how`, `note` and whatever names somebody.
    """

    __tablename__ = "consents"
    __table_args__ = (
        sa.Index("consents_of_contact", "contact_id", "channel", "about", "number"),
        sa.Index("consents_newest", "contact_id", "number"),
        sa.Index("consents_by_purpose", "channel", "about", "contact_id", "number"),
    )

    id: Mapped[Key] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True), unique=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    channel: Mapped[str | None] = mapped_column(sa.Text)
    about: Mapped[str] = mapped_column(sa.Text, comment="a purpose, or what else was agreed to")
    granted: Mapped[bool]
    said_at: Mapped[Moment]
    how: Mapped[str | None] = mapped_column(sa.Text)
    text: Mapped[str | None] = mapped_column(sa.Text, comment="the words that were shown")
    note: Mapped[str | None] = mapped_column(sa.Text)
    source: Mapped[str] = mapped_column(sa.Text)
    recorded_at: Mapped[Moment]
    recorded_by: Mapped[str | None] = mapped_column(sa.Text)
    recorded_by_name: Mapped[str | None] = mapped_column(sa.Text)
    from_address: Mapped[str | None] = mapped_column(sa.Text)


class Preference(Base):
    """How a contact prefers to be reached; `version` also counts each change of what they agreed to."""

    __tablename__ = "preferences"

    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"), primary_key=True)
    preferred_contact_method: Mapped[str | None] = mapped_column(sa.Text)
    version: Mapped[int] = mapped_column(sa.BigInteger)
    changed_at: Mapped[Moment]
