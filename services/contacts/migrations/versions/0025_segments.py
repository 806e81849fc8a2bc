"""Segments and their members."""

from alembic import op

revision = "0025"
down_revision = "0024"

SCHEMA = """
CREATE TABLE segments (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    filter jsonb NOT NULL,
    passes_with_time boolean NOT NULL,
    built_in text UNIQUE,
    edited boolean NOT NULL DEFAULT false,
    tag text UNIQUE,
    edition bigint NOT NULL,
    evaluated bigint NOT NULL,
    job_id uuid,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    changed_at timestamptz NOT NULL,
    changed_by text,
    deleted_at timestamptz
);
CREATE UNIQUE INDEX segments_name ON segments (name_key) WHERE deleted_at IS NULL AND tag IS NULL;

CREATE TABLE segment_members (
    segment_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (segment_id, contact_id)
);
CREATE INDEX segment_members_contact ON segment_members (contact_id);

CREATE TABLE segment_days (
    segment_id uuid NOT NULL,
    zone text NOT NULL,
    day date NOT NULL,
    PRIMARY KEY (segment_id, zone)
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
