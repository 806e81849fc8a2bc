"""Photos of contacts."""

from alembic import op

revision = "0024"
down_revision = "0023"

SCHEMA = """
CREATE TABLE photos (
    contact_id uuid PRIMARY KEY REFERENCES contacts,
    file_key text,
    width integer NOT NULL,
    height integer NOT NULL,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
