"""One thing done to many contacts, with what became of each."""

from alembic import op

revision = "0021"
down_revision = "0020"

SCHEMA = """
CREATE TABLE bulk_actions (
    id uuid PRIMARY KEY,
    action text NOT NULL,
    selection jsonb NOT NULL,
    parameters jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    started_by text
);

CREATE TABLE bulk_results (
    bulk_id uuid NOT NULL REFERENCES bulk_actions,
    contact_id uuid NOT NULL,
    outcome text NOT NULL,
    detail text,
    PRIMARY KEY (bulk_id, contact_id)
);
CREATE INDEX bulk_results_by_outcome ON bulk_results (bulk_id, outcome, contact_id);
CREATE INDEX bulk_results_of_contact ON bulk_results (contact_id);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
