"""The counters."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base


class Counter(Base):
    """The last number given; its row is locked until whatever took it is committed, so none is skipped."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
