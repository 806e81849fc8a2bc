"""What a card provider is asked about keeps the request that it comes of, for when an errand asks again."""

from alembic import op

from chassis.tables import let_rows_keep_their_cause

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    let_rows_keep_their_cause(op, "payments", "refunds", "cards")
