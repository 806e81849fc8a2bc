"""What the days of a subscription were paid for, and charges by whose payment it is put on other terms."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

Id = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.add_column("renewals", sa.Column("carried", sa.BigInteger))
    op.add_column("renewals", sa.Column("commits_until", sa.Date))
    op.create_table(
        "paid_days",
        sa.Column("id", Id, primary_key=True),
        sa.Column("subscription_id", Id, sa.ForeignKey("subscriptions.id"), nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("sold_as", Id),
        sa.Column("carried", sa.BigInteger, nullable=False),
        sa.CheckConstraint("days > 0 AND carried >= 0", name="paid_days_amounts"),
    )
    op.create_index("paid_days_of_subscription", "paid_days", ["subscription_id", "id"])
    op.create_index("paid_days_of_contact", "paid_days", ["contact_id"])
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS invoice_lines_of_source")
        op.execute("CREATE INDEX CONCURRENTLY invoice_lines_of_source ON invoice_lines (source_id)")
