"""A booking that waited knows when it was given its place."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute("ALTER TABLE bookings ADD COLUMN placed_at timestamptz")
