"""Ids of other systems; imports that are previewed, remembered and taken back."""

from alembic import op

revision = "0012"
down_revision = "0011"

SCHEMA = """
CREATE TABLE external_ids (
    system text NOT NULL,
    value text NOT NULL,
    contact_id uuid NOT NULL REFERENCES contacts,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (system, value)
);
CREATE INDEX external_ids_of_contact ON external_ids (contact_id);

ALTER TABLE contacts ADD COLUMN archived_at timestamptz, ADD COLUMN archive_reason text;

ALTER TABLE imports
    ADD COLUMN job_id uuid,
    ADD COLUMN undo_job_id uuid,
    ADD COLUMN previewed boolean NOT NULL DEFAULT false,
    ADD COLUMN started boolean NOT NULL DEFAULT true,
    ADD COLUMN wishes jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN preview jsonb,
    ADD COLUMN mapping_id uuid,
    ADD COLUMN version bigint NOT NULL DEFAULT 1;
CREATE INDEX imports_started ON imports (started_at);

ALTER TABLE import_rows
    ADD COLUMN effects jsonb,
    ADD COLUMN undone text,
    ADD COLUMN undo_remarks jsonb;
DROP INDEX import_rows_rejected;
CREATE INDEX import_rows_by_outcome ON import_rows (import_id, outcome, line);
CREATE INDEX import_rows_left ON import_rows (import_id, line) WHERE undone = 'left';
COMMENT ON COLUMN import_rows.effects IS 'what the row changed, as needed to take it back';

CREATE TABLE import_mappings (
    id uuid PRIMARY KEY,
    signature text NOT NULL UNIQUE,
    name text NOT NULL,
    headers jsonb NOT NULL,
    mapping jsonb NOT NULL,
    used_at timestamptz NOT NULL,
    changed_by text,
    version bigint NOT NULL
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
