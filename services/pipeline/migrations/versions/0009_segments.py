"""Who is in which segment, so that the board is filtered by them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_Id = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.create_table(
        "segment_passages",
        sa.Column("segment_id", _Id, primary_key=True),
        sa.Column("contact_id", _Id, primary_key=True),
        sa.Column("inside", sa.Boolean, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False, comment="position in the log of contacts"),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Index("segment_passages_of_contact", "contact_id"),
        sa.Index("segment_passages_out", "heard_at", postgresql_where=sa.text("NOT inside")),
    )
