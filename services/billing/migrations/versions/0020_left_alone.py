"""A subscription whose charge breaks is left alone for a while, and keeps no other from being charged."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("left_alone_until", sa.DateTime(timezone=True)))
