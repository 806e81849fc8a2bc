"""Facts and the timeline can be made anew while events keep coming."""

from alembic import op

revision = "0019"
down_revision = "0018"

SCHEMA = """
CREATE TABLE projections (
    name text PRIMARY KEY,
    shown integer NOT NULL DEFAULT 0,
    made integer,
    job_id uuid
);
INSERT INTO projections (name) VALUES ('facts'), ('timeline');

ALTER TABLE fact_marks ADD COLUMN event_id uuid NOT NULL;

ALTER TABLE timeline_entries ADD COLUMN edition integer NOT NULL DEFAULT 0;
"""

# Whoever was there before there were facts gets them from the logs, as soon as the new version runs.
REBUILD = """
INSERT INTO jobs (id, kind, input, actor)
SELECT gen_random_uuid(), 'rebuild', '{"projection": "facts"}',
    '{"id": "service:migration", "role": "service", "name": "migration"}'
WHERE EXISTS (SELECT FROM contacts);
"""


INDEX = """
CREATE INDEX CONCURRENTLY timeline_entries_of_type ON timeline_entries (contact_id, type, happened_at, event_id)
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS timeline_entries_of_type")
        op.execute(INDEX)
    op.execute(SCHEMA)
    op.execute(REBUILD)
