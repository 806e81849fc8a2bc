"""Credit notes, and of a refund which items it takes back and where it goes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"

ID, AMOUNT = sa.Uuid(as_uuid=False), sa.BigInteger


def upgrade() -> None:
    op.create_table(
        "credit_notes",
        sa.Column("id", ID, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False, unique=True),
        sa.Column("invoice_id", ID, sa.ForeignKey("invoices.id"), nullable=False),
        sa.Column("invoice_number", sa.BigInteger, nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("net", "tax", "total")),
        sa.Column("reason", sa.String(500)),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.String(200), nullable=False),
        sa.CheckConstraint("net >= 0 AND tax >= 0 AND total = net + tax AND total > 0", name="credit_notes_amounts"),
    )
    op.create_index("credit_notes_of_contact", "credit_notes", ["contact_id", "number"])
    op.create_index("credit_notes_of_invoice", "credit_notes", ["invoice_id", "number"])
    op.create_table(
        "credit_note_lines",
        sa.Column("id", ID, primary_key=True),
        sa.Column("credit_note_id", ID, sa.ForeignKey("credit_notes.id"), nullable=False),
        sa.Column("invoice_line_id", ID, sa.ForeignKey("invoice_lines.id"), nullable=False),
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        *(sa.Column(name, AMOUNT, nullable=False) for name in ("net", "tax")),
    )
    op.create_index("credit_note_lines_of_note", "credit_note_lines", ["credit_note_id", "position"], unique=True)
    op.create_index("ix_credit_note_lines_contact_id", "credit_note_lines", ["contact_id"])
    op.execute("INSERT INTO counters (name, value) VALUES ('credit_note', 0)")
    op.add_column("refunds", sa.Column("shares", JSONB, comment="of each ordered item, by its id"))
    op.add_column("refunds", sa.Column("by_item", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("refunds", sa.Column("to_credit", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("refunds", sa.Column("credit_note_id", ID))
