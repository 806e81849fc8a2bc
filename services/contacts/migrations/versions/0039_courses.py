"""A course's sessions are credits of it, and a session says of which course it is."""

from alembic import op

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE credit_packs ADD COLUMN kind text NOT NULL DEFAULT 'credit_pack', ADD COLUMN package_id uuid"
    )
    op.execute("ALTER TABLE sessions ADD COLUMN course_id uuid")
    op.execute("ALTER TABLE session_series ADD COLUMN course_id uuid")
