"""Which webhooks were heard."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import DateTime, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.billing.base import Base


class ProviderNotice(Base):
    """A webhook by the provider's own id, so that each is heard once."""

    __tablename__ = "provider_notices"
    __table_args__ = (
        Index("provider_notices_of_contact", "contact_id"),
        Index("provider_notices_by_age", "heard_at"),
    )

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    kind: Mapped[str] = mapped_column(String(200))
    contact_id: Mapped[str | None] = mapped_column(Uuid(as_uuid=False))
    heard_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
