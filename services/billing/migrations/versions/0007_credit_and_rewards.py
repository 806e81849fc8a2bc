"""Account credit, and what referrals earn of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

ID, MOMENT = sa.Uuid(as_uuid=False), sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "credit_accounts",
        sa.Column("contact_id", ID, primary_key=True),
        sa.Column("currency", sa.String(3), primary_key=True),
        sa.Column("balance", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "credit_entries",
        sa.Column("id", ID, primary_key=True),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("balance", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
    )
    op.create_index("credit_entries_of_contact", "credit_entries", ["contact_id", "id"])
    op.create_table(
        "reward_rule",
        sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
        sa.Column("amount", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("version", sa.Integer, nullable=False),
    )
    op.execute("INSERT INTO reward_rule (one, version) VALUES (true, 1)")
    op.create_table(
        "rewards",
        sa.Column("id", ID, primary_key=True),
        sa.Column("referral_id", ID, nullable=False, unique=True),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("referred_id", ID, nullable=False),
        sa.Column("referred_name", sa.Text, nullable=False),
        sa.Column("state", sa.String(20)),
        sa.Column("amount", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("earned_at", MOMENT),
        sa.Column("taken_back_at", MOMENT),
        sa.Column("reason", sa.Text),
        sa.Column("told_at", sa.BigInteger, nullable=False),
    )
    op.create_index("rewards_of_contact", "rewards", ["contact_id", "id"])
    op.create_index("ix_rewards_referred_id", "rewards", ["referred_id"])
