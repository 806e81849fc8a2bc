"""Tax rates, chosen on a version of a package, and what of an ordered item is tax."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "tax_rates",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("basis_points", sa.Integer, nullable=False),
        sa.Column("inclusive", sa.Boolean, nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("basis_points BETWEEN 0 AND 10000", name="tax_rates_basis_points"),
    )
    op.execute("ALTER TABLE package_versions ADD COLUMN tax_rate_id uuid")
    op.execute(
        "ALTER TABLE order_items ADD COLUMN tax bigint NOT NULL DEFAULT 0,"
        " ADD COLUMN added_tax bigint NOT NULL DEFAULT 0"
    )
