"""What fragments of names are common is known more exactly, so that a search reads the index that is quicker for it."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("ALTER TABLE contacts ALTER COLUMN search SET STATISTICS 500")
