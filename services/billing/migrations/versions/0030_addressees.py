"""Invoices and credit notes say to whom they were issued.

Of whom billing knew before it asks contacts again at the next need, since it did not ask where they live.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "postal_addresses",
        sa.Column("contact_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("address", JSONB),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.add_column("invoices", sa.Column("billed_to", JSONB))
    op.add_column("credit_notes", sa.Column("billed_to", JSONB))
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("UPDATE known_contacts SET complete = false WHERE complete")
