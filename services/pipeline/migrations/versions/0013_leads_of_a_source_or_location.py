"""The leads of a source or a location are found in whatever letter case, and without passing the others."""

from alembic import op

revision = "0013"
down_revision = "0012"

INDEXES = {
    "leads_of_source_word": "leads (lower(source), stage_id, rank, contact_id)",
    "leads_of_location_word": "leads (lower(location), stage_id, rank, contact_id)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        for name, where in INDEXES.items():
            op.execute(f"DROP INDEX IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {where} WHERE stage_id IS NOT NULL")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS leads_of_source")
