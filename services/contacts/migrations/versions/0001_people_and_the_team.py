"""People and companies, what makes them customers, and the team."""

from alembic import op

from chassis import tables

revision = "0001"
down_revision = None

SCHEMA = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE contacts (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('person', 'company')),
    standing text NOT NULL CHECK (standing IN ('active', 'archived', 'merged')),
    merged_into uuid REFERENCES contacts,
    version bigint NOT NULL,
    display_name text NOT NULL,
    sort_name text COLLATE "C" NOT NULL,
    search text NOT NULL,
    first_name text,
    last_name text,
    preferred_name text,
    name text,
    birthday date,
    gender text,
    website text,
    industry text,
    source text,
    location text,
    assigned_to uuid,
    lead_status text,
    entered_as text NOT NULL,
    acquisition text NOT NULL,
    lifecycle text NOT NULL CHECK (lifecycle IN ('lead', 'customer', 'former_customer')),
    lifecycle_reason text NOT NULL,
    lifecycle_since timestamptz NOT NULL,
    membership_number text UNIQUE,
    customer_since date,
    customer_since_told date,
    created_at timestamptz NOT NULL,
    created_by text,
    changed_at timestamptz NOT NULL,
    changed_by text,
    CHECK ((standing = 'merged') = (merged_into IS NOT NULL))
);
COMMENT ON COLUMN contacts.customer_since_told IS 'brought along by an import';
CREATE INDEX contacts_search ON contacts USING gin (search gin_trgm_ops);
CREATE INDEX contacts_newest ON contacts (standing, id);
CREATE INDEX contacts_by_name ON contacts (standing, sort_name, id);
CREATE INDEX contacts_lifecycle ON contacts (lifecycle, standing, id);
CREATE INDEX contacts_assigned ON contacts (assigned_to, id) WHERE assigned_to IS NOT NULL;
CREATE INDEX contacts_merged ON contacts (merged_into) WHERE merged_into IS NOT NULL;

CREATE SEQUENCE membership_numbers START 100001;

CREATE TABLE customer_grounds (
    assignment_id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    name text NOT NULL,
    kind text,
    since timestamptz,
    ended_at timestamptz,
    paid_position bigint NOT NULL,
    reversed_position bigint NOT NULL,
    reversal text
);
CREATE INDEX customer_grounds_contact ON customer_grounds (contact_id);

CREATE TABLE not_the_same (
    one uuid NOT NULL REFERENCES contacts,
    other uuid NOT NULL REFERENCES contacts,
    said_by text,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (one, other),
    CHECK (one < other)
);
CREATE INDEX not_the_same_other ON not_the_same (other);

CREATE TABLE emails (
    contact_id uuid NOT NULL REFERENCES contacts ON DELETE CASCADE,
    position smallint NOT NULL,
    value text NOT NULL,
    normalised text NOT NULL,
    label text NOT NULL,
    is_primary boolean NOT NULL,
    exclusive boolean NOT NULL,
    PRIMARY KEY (contact_id, position)
);
CREATE UNIQUE INDEX emails_of_one ON emails (normalised) WHERE exclusive;
CREATE INDEX emails_normalised ON emails (normalised);

CREATE TABLE phones (
    contact_id uuid NOT NULL REFERENCES contacts ON DELETE CASCADE,
    position smallint NOT NULL,
    value text NOT NULL,
    as_typed text NOT NULL,
    label text NOT NULL,
    is_primary boolean NOT NULL,
    name_key text NOT NULL,
    exclusive boolean NOT NULL,
    PRIMARY KEY (contact_id, position)
);
CREATE UNIQUE INDEX phones_of_one ON phones (value, name_key) WHERE exclusive;
CREATE INDEX phones_value ON phones (value);

CREATE TABLE addresses (
    contact_id uuid NOT NULL REFERENCES contacts ON DELETE CASCADE,
    position smallint NOT NULL,
    label text NOT NULL,
    street text NOT NULL,
    city text NOT NULL,
    region text NOT NULL,
    postal_code text NOT NULL,
    country text NOT NULL,
    is_primary boolean NOT NULL,
    PRIMARY KEY (contact_id, position)
);

CREATE TABLE team_members (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL,
    normalised_email text NOT NULL UNIQUE,
    role text NOT NULL,
    active boolean NOT NULL,
    password_hash text NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL
);

CREATE TABLE team_sessions (
    id uuid PRIMARY KEY,
    team_member_id uuid NOT NULL REFERENCES team_members,
    token_hash text NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX team_sessions_member ON team_sessions (team_member_id);
CREATE INDEX team_sessions_expiry ON team_sessions (expires_at);

CREATE TABLE sign_in_tries (
    normalised_email text PRIMARY KEY,
    tries integer NOT NULL,
    since timestamptz NOT NULL
);
"""


def upgrade() -> None:
    tables.create(op)
    op.execute(SCHEMA)
