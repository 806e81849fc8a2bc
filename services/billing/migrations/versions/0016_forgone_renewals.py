"""What one cycle was to be charged may be forgone while a payment of it is under way."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("renewals", sa.Column("forgone", sa.Boolean, nullable=False, server_default=sa.false()))
