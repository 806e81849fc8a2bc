"""One row for each contact that was ever given access."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class ClubAccess(Base):
    """Keys of locations; `suspended` while the contact is no customer, as it was told last."""

    __tablename__ = "club_access"

    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"), primary_key=True)
    locations: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    suspended: Mapped[bool]
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)
    changed_at: Mapped[Moment]
    changed_by: Mapped[str | None] = mapped_column(sa.Text)

    @property
    def open_to(self) -> list[str]:
        """Where the contact may enter now."""
        return [] if self.suspended else self.locations
