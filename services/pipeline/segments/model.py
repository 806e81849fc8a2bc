"""The table of who is in which segment."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, DateTime, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from services.pipeline.base import Base

_Id = Uuid(as_uuid=False)


class Passage(Base):
    """What was told last of a contact and a segment; `as_of` is the place of that in the log of contacts.

    Who left stands here until nothing older can come any more.
    """

    __tablename__ = "segment_passages"

    segment_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(_Id, primary_key=True)
    inside: Mapped[bool]
    as_of: Mapped[int] = mapped_column(BigInteger)
    heard_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("segment_passages_of_contact", "contact_id"),
        Index("segment_passages_out", "heard_at", postgresql_where=text("NOT inside")),
    )
