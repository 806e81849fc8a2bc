"""Sales flows; a contact has one under way at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

_Id = sa.Uuid(as_uuid=False)
_Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sales_flows",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("contact_id", _Id, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("steps", JSONB, nullable=False),
        sa.Column("begun_at", _Moment, nullable=False),
        sa.Column("begun_by", sa.Text),
        sa.Column("submitted_at", _Moment),
        sa.Column("submitted_by", sa.Text),
        sa.Column("job_id", _Id, comment="who places the order"),
        sa.Column("order_id", _Id),
        sa.Column("order_number", sa.BigInteger),
        sa.Column("refusal", sa.Text, comment="why the order was refused"),
        sa.Column("reason", sa.Text, comment="why it was abandoned"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("state IN ('open', 'ordering', 'submitted', 'abandoned')", name="sales_flows_state"),
        sa.CheckConstraint("state <> 'ordering' OR job_id IS NOT NULL", name="sales_flows_ordering"),
        sa.Index("sales_flows_of_contact", "contact_id", "id"),
        sa.Index("sales_flows_in_state", "state", "id"),
        sa.Index(
            "sales_flows_under_way",
            "contact_id",
            unique=True,
            postgresql_where=sa.text("state IN ('open', 'ordering')"),
        ),
    )
