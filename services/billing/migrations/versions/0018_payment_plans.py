"""Orders that are paid by instalments, and which plans a package may be paid by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)
Amount = sa.BigInteger


def upgrade() -> None:
    op.add_column("package_versions", sa.Column("payment_plans", JSONB, nullable=False, server_default="[]"))
    op.add_column("orders", sa.Column("payment_plan_id", Id))
    op.add_column("payments", sa.Column("instalment_id", Id))
    _plans()
    _instalments()
    _history()


def _plans() -> None:
    op.create_table(
        "payment_plans",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("order_id", Id, sa.ForeignKey("orders.id"), nullable=False, unique=True),
        sa.Column("order_number", sa.BigInteger, nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("interval_unit", sa.String(10), nullable=False),
        sa.Column("interval_count", sa.Integer, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("total", Amount, nullable=False),
        sa.Column("next_charge_on", sa.Date),
        sa.Column("past_due_since", sa.Date),
        sa.Column("begun_at", Moment),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("total > 0", name="payment_plans_total"),
    )
    op.create_index("payment_plans_of_contact", "payment_plans", ["contact_id", "id"])
    op.create_index("payment_plans_by_state", "payment_plans", ["state", "id"])
    waiting = sa.text("next_charge_on IS NOT NULL")
    op.create_index("payment_plans_to_charge", "payment_plans", ["next_charge_on", "id"], postgresql_where=waiting)


def _instalments() -> None:
    op.create_table(
        "instalments",
        sa.Column("id", Id, primary_key=True),
        sa.Column("payment_plan_id", Id, sa.ForeignKey("payment_plans.id"), nullable=False),
        sa.Column("order_id", Id, nullable=False),
        sa.Column("order_number", sa.BigInteger, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("instalments", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("amount", Amount, nullable=False),
        sa.Column("paid", Amount, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("settled_at", Moment),
        sa.UniqueConstraint("payment_plan_id", "number", name="instalments_number"),
        sa.CheckConstraint("amount > 0 AND paid BETWEEN 0 AND amount", name="instalments_amounts"),
        sa.CheckConstraint("state <> 'paid' OR paid = amount", name="instalments_paid"),
    )
    op.create_index("instalments_of_plan", "instalments", ["payment_plan_id", "due_on", "id"])
    op.create_index("instalments_of_contact", "instalments", ["contact_id", "due_on", "id"])
    op.create_index("instalments_by_state", "instalments", ["state", "due_on", "id"])
    op.create_index("instalments_by_day", "instalments", ["due_on", "id"])
    planned = sa.text("state = 'planned'")
    op.create_index("instalments_to_fall_due", "instalments", ["due_on", "id"], postgresql_where=planned)


def _history() -> None:
    op.create_table(
        "payment_plan_changes",
        sa.Column("id", Id, primary_key=True),
        sa.Column("payment_plan_id", Id, sa.ForeignKey("payment_plans.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("instalment", sa.Integer),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("changes", JSONB, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("payment_plan_changes_of_plan", "payment_plan_changes", ["payment_plan_id", "id"])
    op.create_index("payment_plan_changes_of_contact", "payment_plan_changes", ["contact_id"])
