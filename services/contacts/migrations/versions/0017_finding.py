"""Indexes for what lists are filtered and sorted by."""

from alembic import op

revision = "0017"
down_revision = "0016"

NEVER = "'0001-01-02 00:00:00+00'::timestamptz"
SCHEMA = f"""
CREATE INDEX contacts_source ON contacts (lower(source), source) WHERE source IS NOT NULL;
CREATE INDEX contacts_location ON contacts (lower(location), location) WHERE location IS NOT NULL;
CREATE INDEX contacts_industry ON contacts (lower(industry), industry) WHERE industry IS NOT NULL;
CREATE INDEX contacts_created ON contacts (created_at);
CREATE INDEX contacts_lifecycle_since ON contacts (lifecycle_since);
CREATE INDEX contacts_birthday ON contacts (birthday) WHERE birthday IS NOT NULL;
CREATE INDEX contacts_day_of_birthday ON contacts ((EXTRACT(month FROM birthday) * 100 + EXTRACT(day FROM birthday)))
    WHERE birthday IS NOT NULL;
CREATE INDEX addresses_city ON addresses (lower(city), contact_id) WHERE city <> '';
CREATE INDEX addresses_postal_code ON addresses (lower(postal_code), contact_id) WHERE postal_code <> '';

DROP INDEX facts_lifetime_value, facts_dues, facts_last_booking, facts_last_visit, facts_last_contact;
CREATE INDEX facts_lifetime_value ON facts (lifetime_value, contact_id);
CREATE INDEX facts_dues ON facts (dues, contact_id);
CREATE INDEX facts_membership ON facts (lower(membership)) WHERE membership IS NOT NULL;
CREATE INDEX facts_stage ON facts (lower(stage)) WHERE stage IS NOT NULL;
CREATE INDEX facts_last_booking ON facts (coalesce(last_booking_at, {NEVER}), contact_id);
CREATE INDEX facts_last_visit ON facts (coalesce(last_visit_at, {NEVER}), contact_id);
CREATE INDEX facts_last_contact ON facts (coalesce(last_contact_at, {NEVER}), contact_id);
CREATE INDEX facts_last_activity ON facts (coalesce(last_activity_at, {NEVER}), contact_id);
"""


def upgrade() -> None:
    op.execute(SCHEMA)
