"""Assignments."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, Date, DateTime, ForeignKeyConstraint, Index, Integer, String, Uuid, false, text
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base


class Assignment(Base):
    """A package that a contact has, in the version that was sold."""

    __tablename__ = "assignments"
    __table_args__ = (
        ForeignKeyConstraint(
            ["package_id", "package_version"], ["package_versions.package_id", "package_versions.version"]
        ),
        Index("assignments_of_contact", "contact_id", "id"),
        Index("assignments_running_out", "expires_on", postgresql_where=text("state = 'active' AND NOT renews")),
    )

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    contact_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    order_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), index=True)
    package_id: Mapped[str] = mapped_column(Uuid(as_uuid=False))
    package_version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    quantity: Mapped[int] = mapped_column(Integer)
    pricing_option: Mapped[str | None] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(20))
    since: Mapped[dt.date | None] = mapped_column(Date)
    expires_on: Mapped[dt.date | None] = mapped_column(Date)
    renews: Mapped[bool] = mapped_column(Boolean, server_default=false())
    assigned_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))

    @property
    def makes_a_customer(self) -> bool:
        """Anything but a trial does, once it is paid (P07)."""
        return self.kind != "trial"
