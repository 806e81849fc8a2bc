"""A signature keeps the request that it comes of, for when an errand makes its PDF."""

from alembic import op

from chassis.tables import let_rows_keep_their_cause

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    let_rows_keep_their_cause(op, "signatures")
