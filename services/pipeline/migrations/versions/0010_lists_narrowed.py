"""Follow-ups of one state, and the leads of somebody by their last touch, are listed as fast as all are."""

from alembic import op

revision = "0010"
down_revision = "0009"

INDEXES = {
    "follow_ups_by_state": "follow_ups (state, due_at, id)",
    "leads_touched_of_assignee": "leads (assigned_to, touched_at, contact_id) WHERE stage_id IS NOT NULL",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        for name, where in INDEXES.items():
            op.execute(f"DROP INDEX IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {where}")
