"""Who placed an order and who asked for a payment is known, since who began something may take it back."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.add_column("orders", sa.Column("placed_by_id", sa.Text))  # null: placed by the version of before
    op.add_column("payments", sa.Column("asked_by_id", sa.Text))
