"""Sessions and their series, bookings, and the ledger of credits."""

from alembic import op

revision = "0022"
down_revision = "0021"

SCHEMA = """
CREATE TABLE session_series (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    title text NOT NULL,
    starts timestamp NOT NULL,
    duration_minutes integer NOT NULL,
    rule text NOT NULL,
    time_zone text NOT NULL,
    location text,
    host_id uuid,
    capacity integer NOT NULL,
    late_cancel_hours integer NOT NULL,
    sessions integer NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text
);

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    title text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    location text,
    host_id uuid,
    capacity integer NOT NULL,
    late_cancel_hours integer NOT NULL,
    state text NOT NULL DEFAULT 'scheduled',
    cancel_reason text,
    series_id uuid REFERENCES session_series,
    booked integer NOT NULL DEFAULT 0,
    waiting integer NOT NULL DEFAULT 0,
    arrivals bigint NOT NULL DEFAULT 0,
    kept_by text,
    external_id text,
    external_sequence bigint,
    external_updated_at timestamptz,
    created_at timestamptz NOT NULL,
    created_by text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT sessions_last CHECK (ends_at > starts_at),
    CONSTRAINT sessions_counted CHECK (booked >= 0 AND waiting >= 0)
);
CREATE INDEX sessions_by_time ON sessions (starts_at, id);
CREATE INDEX sessions_by_location ON sessions (location, starts_at, id) WHERE location IS NOT NULL;
CREATE INDEX sessions_by_host ON sessions (host_id, starts_at, id) WHERE host_id IS NOT NULL;
CREATE INDEX sessions_of_series ON sessions (series_id, starts_at, id) WHERE series_id IS NOT NULL;
CREATE INDEX sessions_to_close ON sessions (ends_at, id) WHERE state = 'scheduled';
CREATE UNIQUE INDEX sessions_elsewhere ON sessions (kept_by, external_id) WHERE kept_by IS NOT NULL;

CREATE TABLE credit_packs (
    id uuid PRIMARY KEY,
    contact_id uuid NOT NULL REFERENCES contacts,
    name text NOT NULL,
    credits integer NOT NULL DEFAULT 0,
    "left" integer NOT NULL DEFAULT 0,
    expires_on date,
    granted_at timestamptz NOT NULL,
    paid_position bigint NOT NULL DEFAULT 0,
    reversed_position bigint NOT NULL DEFAULT 0,
    CONSTRAINT credit_packs_never_below_zero CHECK ("left" >= 0)
);
CREATE INDEX credit_packs_of_contact ON credit_packs (contact_id, id);

CREATE TABLE bookings (
    id uuid PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions,
    contact_id uuid NOT NULL REFERENCES contacts,
    state text NOT NULL,
    starts_at timestamptz NOT NULL,
    arrival bigint NOT NULL,
    party_id uuid,
    booked_by_contact_id uuid REFERENCES contacts,
    booked_by text,
    credit_pack_id uuid REFERENCES credit_packs,
    cancel_cause text,
    cancel_reason text,
    told_from_outside boolean NOT NULL DEFAULT false,
    kept_by text,
    external_id text,
    external_sequence bigint,
    external_updated_at timestamptz,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX bookings_once ON bookings (session_id, contact_id)
    WHERE state IN ('upcoming', 'waitlisted', 'attended', 'missed');
CREATE INDEX bookings_roster ON bookings (session_id, arrival, id);
CREATE INDEX bookings_of_contact ON bookings (contact_id, starts_at, id) INCLUDE (state);
CREATE INDEX bookings_of_contact_by_state ON bookings (contact_id, state, starts_at, id);
CREATE INDEX bookings_by_time ON bookings (starts_at, id);
CREATE INDEX bookings_on_behalf ON bookings (booked_by_contact_id) WHERE booked_by_contact_id IS NOT NULL;
CREATE INDEX bookings_of_pack ON bookings (credit_pack_id) WHERE credit_pack_id IS NOT NULL;
CREATE UNIQUE INDEX bookings_elsewhere ON bookings (kept_by, external_id) WHERE kept_by IS NOT NULL;

CREATE TABLE credit_entries (
    id uuid PRIMARY KEY,
    pack_id uuid NOT NULL REFERENCES credit_packs,
    contact_id uuid NOT NULL REFERENCES contacts,
    kind text NOT NULL,
    credits integer NOT NULL,
    "left" integer NOT NULL,
    booking_id uuid,
    at timestamptz NOT NULL
);
CREATE INDEX credit_entries_of_contact ON credit_entries (contact_id, id);
CREATE INDEX credit_entries_of_pack ON credit_entries (pack_id, id);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
