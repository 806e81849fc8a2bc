"""People's places in companies; the ledger of consent."""

from alembic import op

revision = "0013"
down_revision = "0012"

SCHEMA = """
CREATE TABLE affiliations (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    company_id uuid NOT NULL REFERENCES contacts,
    title text NOT NULL,
    since date,
    until date,
    is_primary boolean NOT NULL,
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text,
    CHECK (contact_id <> company_id),
    CHECK (since <= until)
);
COMMENT ON COLUMN affiliations.until IS 'the last day';
CREATE INDEX affiliations_of_person ON affiliations (contact_id, id);
CREATE INDEX affiliations_of_company ON affiliations (company_id, id);
CREATE UNIQUE INDEX affiliations_primary ON affiliations (contact_id) WHERE is_primary;

CREATE TABLE consents (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    contact_id uuid NOT NULL REFERENCES contacts,
    channel text,
    about text NOT NULL,
    granted boolean NOT NULL,
    said_at timestamptz NOT NULL,
    how text,
    text text,
    note text,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text,
    recorded_by_name text,
    from_address text
);
COMMENT ON COLUMN consents.about IS 'a purpose, or what else was agreed to';
COMMENT ON COLUMN consents.text IS 'the words that were shown';
CREATE INDEX consents_of_contact ON consents (contact_id, channel, about, number);
CREATE INDEX consents_newest ON consents (contact_id, number);
CREATE INDEX consents_by_purpose ON consents (channel, about, contact_id, number);

-- A merge moves lines and an erasure empties words; what was said, and when, stays.
CREATE FUNCTION consents_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'consents are kept as they were' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER consents_stay BEFORE UPDATE ON consents FOR EACH ROW WHEN (
    (OLD.number, OLD.channel, OLD.about, OLD.granted, OLD.said_at, OLD.recorded_at, OLD.source)
    IS DISTINCT FROM (NEW.number, NEW.channel, NEW.about, NEW.granted, NEW.said_at, NEW.recorded_at, NEW.source)
) EXECUTE FUNCTION consents_stay();
CREATE TRIGGER consents_are_kept BEFORE DELETE ON consents FOR EACH ROW EXECUTE FUNCTION consents_stay();

CREATE TABLE preferences (
    contact_id uuid PRIMARY KEY REFERENCES contacts,
    preferred_contact_method text,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
