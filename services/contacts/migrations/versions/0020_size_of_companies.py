"""How many work at a company."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("ALTER TABLE contacts ADD COLUMN size text")
    op.execute("COMMENT ON COLUMN contacts.size IS 'of a company, as typed: 12, or 11-50'")
