"""Contacts sign in by a one-time code that is kept nowhere, and have sessions as the team has."""

from alembic import op

revision = "0047"
down_revision = "0046"

SCHEMA = """
CREATE TABLE member_codes (
    normalised_email text PRIMARY KEY,
    code_id uuid UNIQUE,
    tries smallint NOT NULL,
    expires_at timestamptz NOT NULL,
    asked integer NOT NULL,
    asked_since timestamptz NOT NULL
);
CREATE INDEX member_codes_since ON member_codes (asked_since);

CREATE TABLE member_sessions (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    token_hash text NOT NULL,
    token_hash_before text,
    renewed_at timestamptz,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX member_sessions_open ON member_sessions (contact_id) WHERE ended_at IS NULL;
CREATE INDEX member_sessions_expiry ON member_sessions (expires_at);
CREATE INDEX member_sessions_ended ON member_sessions (ended_at) WHERE ended_at IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(SCHEMA)
