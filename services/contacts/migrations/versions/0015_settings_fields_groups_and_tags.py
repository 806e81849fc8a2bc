"""Settings and locations, custom fields, groups, the system's tags, club access, and what a lifecycle is judged by."""

from alembic import op

revision = "0015"
down_revision = "0014"

SCHEMA = """
CREATE TABLE settings (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text
);

CREATE TABLE locations (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    name text NOT NULL,
    name_key text NOT NULL,
    time_zone text,
    address jsonb,
    archived_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX locations_name ON locations (name_key) WHERE archived_at IS NULL;

ALTER TABLE contacts
    ADD COLUMN fields jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN first_booked_at timestamptz,
    ADD COLUMN booked_position bigint NOT NULL DEFAULT 0;
CREATE INDEX contacts_fields ON contacts USING gin (fields jsonb_path_ops);

ALTER TABLE customer_grounds ADD COLUMN ended_position bigint NOT NULL DEFAULT 0;

CREATE TABLE custom_fields (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    label text NOT NULL,
    label_key text NOT NULL,
    type text NOT NULL CHECK (type IN ('text', 'number', 'date', 'choice', 'yes_no')),
    choices jsonb,
    applies_to text NOT NULL CHECK (applies_to IN ('person', 'company', 'both')),
    archived_at timestamptz,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX custom_fields_label ON custom_fields (label_key) WHERE archived_at IS NULL;

CREATE TABLE groups (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    name_key text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    deleted_at timestamptz,
    version bigint NOT NULL
);
CREATE UNIQUE INDEX groups_name ON groups (name_key) WHERE deleted_at IS NULL;
CREATE TABLE group_members (
    group_id uuid NOT NULL REFERENCES groups,
    contact_id uuid NOT NULL REFERENCES contacts,
    added_at timestamptz NOT NULL,
    added_by text,
    PRIMARY KEY (group_id, contact_id)
);
CREATE INDEX group_members_contact ON group_members (contact_id);
CREATE INDEX group_members_latest ON group_members (group_id, added_at, contact_id);

ALTER TABLE tags
    ADD COLUMN meaning text,
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    ADD COLUMN removed_at timestamptz;
INSERT INTO tags (id, name, key, system, meaning) VALUES
    ('01900000-0000-7000-8000-000000000001', 'new-lead', 'new-lead', true, 'a lead entered a short while ago'),
    ('01900000-0000-7000-8000-000000000002', 'trial', 'trial', true, 'has a trial and is not a customer yet'),
    ('01900000-0000-7000-8000-000000000003', 'active-member', 'active-member', true, 'has an active membership'),
    ('01900000-0000-7000-8000-000000000004', 'paused', 'paused', true, 'has paused the membership'),
    ('01900000-0000-7000-8000-000000000005', 'payment-due', 'payment-due', true, 'owes something'),
    ('01900000-0000-7000-8000-000000000006', 'birthday-month', 'birthday-month', true, 'has the birthday this month'),
    ('01900000-0000-7000-8000-000000000007', 'lapsed', 'lapsed', true, 'was a customer and is one no more')
ON CONFLICT DO NOTHING;

CREATE TABLE club_access (
    contact_id uuid PRIMARY KEY REFERENCES contacts,
    locations text[] NOT NULL,
    suspended boolean NOT NULL,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
