"""Exports of contacts."""

from alembic import op

revision = "0023"
down_revision = "0022"

SCHEMA = """
CREATE TABLE exports (
    id uuid PRIMARY KEY,
    format text NOT NULL,
    bom boolean NOT NULL,
    columns jsonb NOT NULL,
    selection jsonb NOT NULL,
    rows integer,
    size bigint,
    started_at timestamptz NOT NULL,
    started_by text,
    kept_until timestamptz
);
CREATE INDEX exports_of ON exports (started_by, id);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
