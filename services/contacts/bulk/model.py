"""What was asked for, and what became of each contact."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class BulkAction(Base):
    """Its id is the job's."""

    __tablename__ = "bulk_actions"

    id: Mapped[Key] = mapped_column(primary_key=True)
    action: Mapped[str] = mapped_column(sa.Text)
    selection: Mapped[dict[str, Any]] = mapped_column(JSONB)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB)
    started_at: Mapped[Moment]
    started_by: Mapped[str | None] = mapped_column(sa.Text)


class BulkResult(Base):
    """One for each contact that it came to; written in the transaction of the effect, so nobody's turn comes twice.

    `bulk_id` is no foreign key: whoever writes a result holds the job of the action, and no action is deleted.
    """

    __tablename__ = "bulk_results"
    __table_args__ = (
        sa.Index("bulk_results_rest", "bulk_id", "outcome", "contact_id",
                 postgresql_where=sa.text("outcome <> 'changed'")),
        sa.Index("bulk_results_of_contact", "contact_id"),
    )  # fmt: skip

    bulk_id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(sa.Text)
    detail: Mapped[str | None] = mapped_column(sa.Text)
