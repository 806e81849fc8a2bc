"""Promo codes, and which orders have one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)
in_use = sa.text("NOT archived")


def upgrade() -> None:
    op.add_column("orders", sa.Column("promo_code", JSONB))
    op.create_table(
        "promo_codes",
        sa.Column("id", Id, primary_key=True),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("basis_points", sa.Integer),
        sa.Column("off", sa.BigInteger),
        sa.Column("currency", sa.String(3)),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("package_ids", JSONB),
        sa.Column("most_uses", sa.Integer),
        sa.Column("most_uses_per_contact", sa.Integer),
        sa.Column("first_purchase_only", sa.Boolean, nullable=False),
        sa.Column("joins_discounts", sa.Boolean, nullable=False),
        sa.Column("uses", sa.Integer, nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("uses >= 0", name="promo_codes_uses"),
    )
    op.create_index("promo_codes_in_use", "promo_codes", ["folded"], unique=True, postgresql_where=in_use)
    op.create_index("promo_codes_by_word", "promo_codes", ["folded", "id"])
    op.create_table(
        "promo_code_uses",
        sa.Column("order_id", Id, primary_key=True),
        sa.Column("promo_code_id", Id, sa.ForeignKey("promo_codes.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("used_at", Moment, nullable=False),
    )
    op.create_index("promo_code_uses_of_contact", "promo_code_uses", ["contact_id", "promo_code_id"])
