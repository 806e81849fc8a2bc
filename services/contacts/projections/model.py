"""Which edition of a projection is read, and which is being made."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key


class Projection(Base):
    """`shown` is the edition that is read; while a job rebuilds, what is heard goes into `made` as well."""

    __tablename__ = "projections"

    name: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    shown: Mapped[int] = mapped_column(server_default="0")
    made: Mapped[int | None]
    job_id: Mapped[Key | None] = mapped_column(comment="the job that makes it; of two the one that began last")
