"""Follow-ups of one channel, and what a rule did or skipped, are listed as fast as all are."""

from alembic import op

revision = "0012"
down_revision = "0011"

INDEXES = {
    "follow_ups_by_channel": "follow_ups (channel, due_at, id)",
    "stage_rule_runs_by_result": "stage_rule_runs (rule_id, result, ran_at, contact_id, entry)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        for name, where in INDEXES.items():
            op.execute(f"DROP INDEX IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {where}")
