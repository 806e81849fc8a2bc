"""Membership numbers with letters or signs are found however they are typed; and a part of a website has an index."""

from alembic import op

revision = "0041"
down_revision = "0040"

INDEX = "CREATE INDEX CONCURRENTLY contacts_website ON contacts USING gin (lower(website) gin_trgm_ops)"
# What cards are searched by was folded, but for the number: it stood there as it was brought along.
FOLDED = """
UPDATE contacts SET search = lower(search) || CASE WHEN membership_number ~ '[[:alpha:]]' THEN ''
    ELSE ' ' || regexp_replace(membership_number, '[^0-9]', '', 'g') END
WHERE membership_number ~ '[^0-9]'
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS contacts_website")
        op.execute(f"{INDEX} WHERE website IS NOT NULL")
    op.execute(FOLDED)
