"""Emergency contacts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class EmergencyContact(Base):
    """Somebody to call for `contact_id`; `person_id` is the contact of their own, if they have one."""

    __tablename__ = "emergency_contacts"
    __table_args__ = (
        sa.Index("emergency_contacts_of", "contact_id", "id"),
        sa.Index("emergency_contacts_once", "person_id", "contact_id", unique=True),
    )

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    name: Mapped[str] = mapped_column(sa.Text)
    relationship: Mapped[str] = mapped_column(sa.Text)
    phones: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    person_id: Mapped[Key | None] = mapped_column(sa.ForeignKey("contacts.id"))
    version: Mapped[int] = mapped_column(sa.BigInteger)
    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(sa.Text)
