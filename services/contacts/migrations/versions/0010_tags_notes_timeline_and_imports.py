"""Tags, notes, the timeline, and imports with what became of each row."""

from alembic import op

revision = "0010"
down_revision = "0001"

SCHEMA = """
CREATE TABLE tags (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    key text NOT NULL,
    system boolean NOT NULL DEFAULT false,
    CONSTRAINT tags_key UNIQUE (key, system)
);

CREATE TABLE contact_tags (
    contact_id uuid NOT NULL REFERENCES contacts,
    tag_id uuid NOT NULL REFERENCES tags,
    tagged_at timestamptz NOT NULL,
    PRIMARY KEY (contact_id, tag_id)
);
CREATE INDEX contact_tags_by_tag ON contact_tags (tag_id, contact_id);

CREATE TABLE notes (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    text text NOT NULL,
    pinned boolean NOT NULL DEFAULT false,
    author_id text,
    author_name text NOT NULL,
    created_at timestamptz NOT NULL,
    edited_at timestamptz,
    version integer NOT NULL DEFAULT 1
);
CREATE INDEX notes_of_contact ON notes (contact_id, pinned, id);

CREATE TABLE note_versions (
    note_id uuid NOT NULL REFERENCES notes,
    version integer NOT NULL,
    contact_id uuid NOT NULL REFERENCES contacts,
    text text NOT NULL,
    replaced_at timestamptz NOT NULL,
    PRIMARY KEY (note_id, version)
);

CREATE TABLE timeline_entries (
    contact_id uuid NOT NULL,
    event_id uuid NOT NULL,
    happened_at timestamptz NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    sequence bigint,
    data jsonb NOT NULL,
    actor jsonb,
    PRIMARY KEY (contact_id, event_id)
);
CREATE INDEX timeline_entries_newest ON timeline_entries (contact_id, happened_at, event_id);

CREATE TABLE imports (
    id uuid PRIMARY KEY,
    file_key text NOT NULL,
    file_name text NOT NULL,
    mode text NOT NULL,
    match_on jsonb NOT NULL,
    mapping jsonb NOT NULL,
    layout jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    started_by text
);

CREATE TABLE import_rows (
    import_id uuid NOT NULL REFERENCES imports,
    line integer NOT NULL,
    outcome text NOT NULL,
    contact_id uuid,
    reasons jsonb,
    cells jsonb,
    PRIMARY KEY (import_id, line)
);
CREATE INDEX import_rows_rejected ON import_rows (import_id, line) WHERE outcome = 'rejected';
CREATE INDEX import_rows_of_contact ON import_rows (contact_id) WHERE contact_id IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(SCHEMA)
