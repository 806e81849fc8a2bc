"""When an account changed and a session ended, for those who did not hear of it; the refresh token before the last."""

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("ALTER TABLE team_members ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now()")
    op.execute("ALTER TABLE team_sessions ADD COLUMN token_hash_before text, ADD COLUMN renewed_at timestamptz")
    op.execute("CREATE INDEX team_sessions_ended ON team_sessions (ended_at) WHERE ended_at IS NOT NULL")
