"""A letter keeps the request that it comes of, for when an errand sends it."""

from alembic import op

from chassis.tables import let_rows_keep_their_cause

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    let_rows_keep_their_cause(op, "messages")
