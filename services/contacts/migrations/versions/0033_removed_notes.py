"""A note can be removed; its texts are kept."""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.execute("ALTER TABLE notes ADD COLUMN removed_at timestamptz")
