"""Rewards of one state are listed as fast as all are."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS rewards_by_state")
        op.execute("CREATE INDEX CONCURRENTLY rewards_by_state ON rewards (state, id) WHERE state IS NOT NULL")
