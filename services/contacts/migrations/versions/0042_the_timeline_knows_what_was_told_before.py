"""What was told before the timeline listened to it stands on it too: how stages, packages and rules changed."""

from alembic import op

revision = "0042"
down_revision = "0041"

# Ten minutes from now: when the processes of the old version, which do not know these events, are gone.
REBUILD = """
INSERT INTO jobs (id, kind, input, actor, due_at)
SELECT gen_random_uuid(), 'rebuild', '{"projection": "timeline"}',
    '{"id": "service:migration", "role": "service", "name": "migration"}', now() + interval '10 minutes'
WHERE EXISTS (SELECT FROM timeline_entries);
"""


def upgrade() -> None:
    op.execute(REBUILD)
