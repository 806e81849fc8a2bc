"""A series of sessions can be changed as a whole, and says which version it is."""

from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.execute("ALTER TABLE session_series ADD COLUMN version bigint NOT NULL DEFAULT 1")
