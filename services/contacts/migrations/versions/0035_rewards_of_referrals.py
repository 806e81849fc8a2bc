"""What a referral earned who made it, as billing tells."""

from alembic import op

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE referrals ADD COLUMN reward_state text, ADD COLUMN reward_amount bigint,
            ADD COLUMN reward_currency text, ADD COLUMN reward_told_at bigint NOT NULL DEFAULT 0
    """)
