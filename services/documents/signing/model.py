"""Signatures."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.documents.base import Base, Id, Moment


class Signature(Base):
    """Who signed an agreement, how, when and from where. The database refuses to change it; only its PDF is added."""

    __tablename__ = "signatures"

    agreement_id: Mapped[str] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(Id)
    name: Mapped[str] = mapped_column(Text)
    typed: Mapped[str | None] = mapped_column(Text)
    drawn: Mapped[bytes | None] = mapped_column(LargeBinary)
    signed_at: Mapped[dt.datetime] = mapped_column(Moment)
    from_address: Mapped[str | None] = mapped_column(Text)
    user_agent: Mapped[str | None] = mapped_column(Text)
    file_key: Mapped[str | None] = mapped_column(Text)
    claimed_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
