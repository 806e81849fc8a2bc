"""Facts: what events add up to for a contact."""

from alembic import op

revision = "0011"
down_revision = "0010"

SCHEMA = """
CREATE TABLE facts (
    contact_id uuid PRIMARY KEY,
    currency text NOT NULL,
    lifetime_value bigint NOT NULL DEFAULT 0,
    purchases integer NOT NULL DEFAULT 0,
    first_purchase_at timestamptz,
    last_purchase_at timestamptz,
    dues bigint NOT NULL DEFAULT 0,
    subscription_state text,
    had_subscription boolean NOT NULL DEFAULT false,
    membership text,
    pricing_option text,
    membership_expires_on date,
    trial boolean NOT NULL DEFAULT false,
    stage text,
    bookings integer NOT NULL DEFAULT 0,
    visits integer NOT NULL DEFAULT 0,
    cancellations integer NOT NULL DEFAULT 0,
    late_cancellations integer NOT NULL DEFAULT 0,
    no_shows integer NOT NULL DEFAULT 0,
    first_booking_at timestamptz,
    last_booking_at timestamptz,
    last_visit_at timestamptz,
    last_contact_at timestamptz,
    last_contact_channel text,
    last_activity_at timestamptz
);
CREATE INDEX facts_lifetime_value ON facts (lifetime_value);
CREATE INDEX facts_dues ON facts (dues) WHERE dues <> 0;
CREATE INDEX facts_last_purchase ON facts (last_purchase_at) WHERE last_purchase_at IS NOT NULL;
CREATE INDEX facts_subscription ON facts (subscription_state) WHERE subscription_state IS NOT NULL;
CREATE INDEX facts_expiry ON facts (membership_expires_on) WHERE membership_expires_on IS NOT NULL;
CREATE INDEX facts_last_booking ON facts (last_booking_at);
CREATE INDEX facts_last_visit ON facts (last_visit_at);
CREATE INDEX facts_last_contact ON facts (last_contact_at);

CREATE TABLE fact_marks (
    contact_id uuid NOT NULL,
    edition integer NOT NULL,
    kind text NOT NULL,
    thing uuid NOT NULL,
    rank bigint NOT NULL,
    at timestamptz NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (contact_id, edition, kind, thing)
);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
