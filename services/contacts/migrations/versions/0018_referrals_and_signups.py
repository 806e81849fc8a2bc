"""Referral codes, buddy passes, referrals, and who signed up."""

from alembic import op

revision = "0018"
down_revision = "0017"

SCHEMA = """
CREATE TABLE referral_codes (
    contact_id uuid PRIMARY KEY REFERENCES contacts,
    code text NOT NULL UNIQUE,
    made_at timestamptz NOT NULL,
    made_by text
);

CREATE TABLE buddy_passes (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    code text NOT NULL UNIQUE,
    valid_until timestamptz NOT NULL,
    uses_allowed integer NOT NULL,
    uses integer NOT NULL,
    withdrawn_at timestamptz,
    version bigint NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text,
    CHECK (uses <= uses_allowed)
);
CREATE INDEX buddy_passes_of_contact ON buddy_passes (contact_id, id);

CREATE TABLE referrals (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    referred_id uuid NOT NULL UNIQUE REFERENCES contacts,
    via text NOT NULL,
    buddy_pass_id uuid REFERENCES buddy_passes,
    state text NOT NULL,
    state_version bigint NOT NULL,
    referred_at timestamptz NOT NULL,
    converted_at timestamptz,
    CHECK (contact_id <> referred_id)
);
CREATE INDEX referrals_of_contact ON referrals (contact_id, id);
CREATE INDEX referrals_of_pass ON referrals (buddy_pass_id, id) WHERE buddy_pass_id IS NOT NULL;

CREATE TABLE signups (
    id uuid PRIMARY KEY,
    form jsonb,
    received_at timestamptz NOT NULL,
    outcome text,
    contact_id uuid REFERENCES contacts,
    settled_at timestamptz
);
CREATE INDEX signups_of_contact ON signups (contact_id) WHERE contact_id IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(SCHEMA)
