"""What a contact owes is read off their open invoices, however many they have had."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS invoices_open")
        op.execute("""
            CREATE INDEX CONCURRENTLY invoices_open ON invoices (contact_id)
            INCLUDE (currency, total, credited, written_off, paid, refunded) WHERE state = 'open'""")
