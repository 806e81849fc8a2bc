"""A message may have a file with it, which lies in object storage."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN attachment_key text, ADD COLUMN attachment_name text")
