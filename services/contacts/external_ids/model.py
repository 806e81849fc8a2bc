"""Ids that other systems gave."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class ExternalId(Base):
    """In one system an id is one contact's; a contact may have several, as after a merge."""

    __tablename__ = "external_ids"
    __table_args__ = (Index("external_ids_of_contact", "contact_id"),)

    system: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    contact_id: Mapped[Key] = mapped_column(ForeignKey("contacts.id"))
    given_at: Mapped[Moment]
