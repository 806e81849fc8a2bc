"""Relations between contacts, and whom to call in an emergency."""

from alembic import op

revision = "0016"
down_revision = "0015"

SCHEMA = """
CREATE TABLE relations (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    related_id uuid NOT NULL REFERENCES contacts,
    kind text NOT NULL,
    role text NOT NULL,
    note text,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    CHECK (contact_id <> related_id)
);
CREATE INDEX relations_of_contact ON relations (contact_id, id);
CREATE INDEX relations_of_related ON relations (related_id, id);
CREATE UNIQUE INDEX relations_once
    ON relations (LEAST(contact_id, related_id), GREATEST(contact_id, related_id), kind);

CREATE TABLE emergency_contacts (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    name text NOT NULL,
    relationship text NOT NULL,
    phones jsonb NOT NULL,
    person_id uuid REFERENCES contacts,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    CHECK (contact_id <> person_id)
);
CREATE INDEX emergency_contacts_of ON emergency_contacts (contact_id, id);
CREATE UNIQUE INDEX emergency_contacts_once ON emergency_contacts (person_id, contact_id);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
