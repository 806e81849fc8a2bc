"""Customers by name have an index; and no fragment is taken for a common one because one contact of a sample has it."""

from alembic import op

revision = "0029"
down_revision = "0028"

INDEX = """
CREATE INDEX CONCURRENTLY contacts_of_lifecycle_by_name ON contacts (standing, lifecycle, sort_name, id)
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS contacts_of_lifecycle_by_name")
        op.execute(INDEX)
    op.execute("ALTER TABLE contacts ALTER COLUMN search SET STATISTICS 2000")
