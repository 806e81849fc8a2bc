"""What is taken off the prices of an order."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    for table in ("orders", "order_items"):
        op.add_column(table, sa.Column("discount", JSONB))
    for table in ("order_items", "invoice_lines"):
        op.add_column(table, sa.Column("reduction", sa.BigInteger, nullable=False, server_default="0"))
    op.execute("""
        ALTER TABLE order_items ADD CONSTRAINT order_items_reduction
        CHECK (reduction BETWEEN 0 AND amount) NOT VALID""")
    op.execute("ALTER TABLE order_items VALIDATE CONSTRAINT order_items_reduction")
