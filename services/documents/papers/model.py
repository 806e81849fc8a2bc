"""The seals that PDFs are sealed with."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from services.documents.base import Base, Id, Moment


class Seal(Base):
    """A key with its certificate, locked with RAPPORT_SECRET; `lock` tells with which, when the secret was changed."""

    __tablename__ = "seals"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    lock: Mapped[bytes] = mapped_column(LargeBinary)
    locked: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[dt.datetime] = mapped_column(Moment)
