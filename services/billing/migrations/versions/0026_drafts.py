"""An order may be a draft: nobody placed it yet, and it has no number."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("orders", sa.Column("draft", JSONB))
    op.add_column("orders", sa.Column("drafted_at", sa.DateTime(timezone=True)))
    op.add_column("orders", sa.Column("drafted_by", sa.String(200)))
    for name in ("number", "placed_at", "placed_by"):
        op.alter_column("orders", name, nullable=True)
    op.execute("""
        ALTER TABLE orders ADD CONSTRAINT orders_drafts CHECK (
            CASE WHEN state = 'draft'
            THEN num_nonnulls(number, placed_at, placed_by, invoice_id, payment_plan_id) = 0 AND draft IS NOT NULL
                AND total = 0 AND paid = 0 AND under_way = 0
            ELSE num_nulls(number, placed_at, placed_by) = 0 AND draft IS NULL END
        ) NOT VALID""")
