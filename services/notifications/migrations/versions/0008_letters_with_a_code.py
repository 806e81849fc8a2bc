"""A message may have a one-time code in it, which is made when it is handed over, and is worthless after a while."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN code_id uuid, ADD COLUMN worthless_at timestamptz")
