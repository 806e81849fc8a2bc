"""The table of known team members."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.pipeline.base import Base


class Colleague(Base):
    """A team member as contacts told of them last."""

    __tablename__ = "known_team"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    active: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
