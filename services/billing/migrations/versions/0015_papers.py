"""Where the PDF of an invoice and of a credit note lies, once it was drawn."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    for table in ("invoices", "credit_notes"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN file_key varchar(80)")
