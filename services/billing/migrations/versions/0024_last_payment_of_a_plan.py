"""The day of a payment plan's last payment, on which nothing more of it is charged."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("payment_plans", sa.Column("last_payment_on", sa.Date))
