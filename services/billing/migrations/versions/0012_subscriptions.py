"""Memberships that go on by themselves, what each of their cycles is charged, and payments of that."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("package_versions", sa.Column("commitment", sa.Integer))
    # What was sold before ends as it was sold; nobody's card is charged who was not told so.
    op.add_column("assignments", sa.Column("renews", sa.Boolean, nullable=False, server_default=sa.false()))
    running_out = sa.text("state = 'active' AND NOT renews")
    op.create_index("assignments_running_out", "assignments", ["expires_on"], postgresql_where=running_out)
    _subscriptions()
    _renewals()
    _payments()


def _subscriptions() -> None:
    days = ("expires_on", "next_charge_on", "committed_until", "ends_on", "paused_on", "resumes_on", "past_due_since")
    op.create_table(
        "subscriptions",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("assignment_id", Id, sa.ForeignKey("assignments.id"), nullable=False, unique=True),
        sa.Column("package_id", Id, nullable=False),
        sa.Column("package_version", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("cycle_unit", sa.String(10), nullable=False),
        sa.Column("cycle_count", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("started_on", sa.Date, nullable=False),
        sa.Column("anchored_on", sa.Date, nullable=False),
        sa.Column("cycles", sa.Integer, nullable=False),
        sa.Column("moved_days", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Date) for name in days),
        sa.Column("open_renewal_id", Id),
        sa.Column("renewals", sa.Integer, nullable=False),
        sa.Column("planned", JSONB),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id", "package_version"], ["package_versions.package_id", "package_versions.version"]
        ),
        sa.CheckConstraint("price >= 0 AND cycle_count > 0 AND cycles >= 0", name="subscriptions_terms"),
        sa.CheckConstraint("(state = 'paused') = (paused_on IS NOT NULL)", name="subscriptions_paused"),
    )
    op.create_index("subscriptions_of_contact", "subscriptions", ["contact_id", "id"])
    op.create_index("subscriptions_by_state", "subscriptions", ["state", "id"])
    op.create_index("subscriptions_of_package", "subscriptions", ["package_id", "id"])
    for name, columns, where in (
        ("subscriptions_to_charge", ["next_charge_on", "id"], "state = 'active' AND open_renewal_id IS NULL"),
        ("subscriptions_to_end", ["ends_on"], "state IN ('active', 'past_due')"),
        ("subscriptions_to_resume", ["resumes_on"], "state = 'paused'"),
        ("subscriptions_to_expire", ["past_due_since"], "state = 'past_due'"),
    ):
        op.create_index(name, "subscriptions", columns, postgresql_where=sa.text(where))
    op.create_table(
        "subscription_changes",
        sa.Column("id", Id, primary_key=True),
        sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("changes", JSONB, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("subscription_changes_of_subscription", "subscription_changes", ["subscription_id", "id"])
    op.create_index("subscription_changes_of_contact", "subscription_changes", ["contact_id"])


def _renewals() -> None:
    op.create_table(
        "renewals",
        sa.Column("id", Id, primary_key=True),
        sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("starts_on", "until_on", "due_on")),
        sa.Column("currency", sa.String(3), nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("amount", "refunded", "under_way")),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("next_try_on", sa.Date),
        sa.Column("settled_at", Moment),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "amount >= 0 AND refunded BETWEEN 0 AND amount AND under_way IN (0, amount)", name="renewals_amounts"
        ),
    )
    op.create_index("renewals_of_contact", "renewals", ["contact_id", "id"])
    op.create_index("renewals_of_subscription", "renewals", ["subscription_id", "number"], unique=True)
    op.create_index("renewals_listed", "renewals", ["subscription_id", "id"])
    op.create_index("renewals_by_state", "renewals", ["state", "id"])
    waiting = sa.text("state = 'open' AND under_way = 0 AND next_try_on IS NOT NULL")
    op.create_index("renewals_to_charge", "renewals", ["next_try_on", "id"], postgresql_where=waiting)


def _payments() -> None:
    op.add_column("payments", sa.Column("renewal_id", Id))
    op.add_column("payments", sa.Column("recurring", sa.Boolean, nullable=False, server_default=sa.false()))
    op.alter_column("payments", "order_id", nullable=True)
    op.alter_column("payments", "order_number", nullable=True)
    op.create_index("payments_of_renewal", "payments", ["renewal_id", "id"])
    recurring = sa.text("state = 'charging' AND recurring")
    op.create_index("payments_of_the_run", "payments", ["ask_again_at"], postgresql_where=recurring)
    op.execute("""
        ALTER TABLE payments ADD CONSTRAINT payments_of_one_thing
        CHECK (num_nonnulls(order_id, renewal_id) = 1) NOT VALID""")
    op.execute("ALTER TABLE payments VALIDATE CONSTRAINT payments_of_one_thing")
