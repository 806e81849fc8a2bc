"""Memberships that several use, and cycles that are given away."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("package_versions", sa.Column("seats", sa.Integer, nullable=False, server_default="1"))
    for name in ("seats", "seats_taken"):
        op.add_column("subscriptions", sa.Column(name, sa.Integer, nullable=False, server_default="1"))
    op.execute("""
        ALTER TABLE subscriptions ADD CONSTRAINT subscriptions_seats
        CHECK (seats_taken BETWEEN 1 AND seats) NOT VALID""")
    op.execute("ALTER TABLE subscriptions VALIDATE CONSTRAINT subscriptions_seats")
    op.create_table(
        "seats",
        sa.Column("id", Id, primary_key=True),
        sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("joined_at", Moment, nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("left_at", Moment),
        sa.Column("reason", sa.Text),
    )
    op.create_index("seats_of_subscription", "seats", ["subscription_id", "id"])
    op.create_index("seats_of_contact", "seats", ["contact_id", "id"])
    op.create_table(
        "free_cycles",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("given_at", Moment, nullable=False),
        sa.Column("used_at", Moment),
        sa.Column("renewal_id", Id, sa.ForeignKey("renewals.id")),
        sa.Column("taken_back_at", Moment),
        sa.CheckConstraint("(used_at IS NULL) = (renewal_id IS NULL)", name="free_cycles_used"),
    )
    op.create_index("free_cycles_of_contact", "free_cycles", ["contact_id", "id"])
    op.add_column("reward_rule", sa.Column("kind", sa.String(20), nullable=False, server_default="credit"))
    op.add_column("rewards", sa.Column("kind", sa.String(20), nullable=False, server_default="credit"))
    op.add_column("rewards", sa.Column("free_cycle_id", Id, sa.ForeignKey("free_cycles.id")))
