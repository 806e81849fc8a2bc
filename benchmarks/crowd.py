"""Very many contacts, made by the database itself: each with an e-mail, a phone, an address, facts and some tags.

Everything follows from a contact's number alone, so that two crowds of one size are the same.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

FIRST = [
    "Ada", "Bea", "Cleo", "Dora", "Emil", "Fritz", "Greta", "Hugo", "Ida", "Jonas", "Karla", "Lena", "Mats", "Nora",
    "Otto", "Paula", "Quinn", "Rosa", "Sven", "Tilda",
]  # fmt: skip
SYLLABLES = [
    "bar", "del", "fin", "gor", "hul", "jen", "kas", "lom", "mir", "nov", "pel", "rus", "sto", "tam", "vik", "wen",
    "zor", "ban", "cel", "dur",
]  # fmt: skip
SOURCES = ["Website", "Walk-in", "Instagram", "Facebook", "Friend", "Google", "Flyer", "Event"]
CITIES = ["Berlin", "Hamburg", "Wien", "London", "Leeds", "Paris", "Lyon", "Gdynia", "Porto", "Riga"]
TAGS = ["vip", "student", "corporate", "early bird", "late payer", "family", "trainer", "press"]

_CONTACTS = """
INSERT INTO contacts (id, kind, standing, version, display_name, sort_name, search, first_name, last_name, birthday,
    gender, source, location, lead_status, entered_as, acquisition, lifecycle, lifecycle_reason, lifecycle_since,
    membership_number, created_at, changed_at)
SELECT id, 'person', CASE WHEN n % 50 = 49 THEN 'archived' ELSE 'active' END, 1, first || ' ' || last,
    lower(last || ' ' || first),
    ' ' || lower(first || ' ' || last) || ' ' || email || ' ' || substr(phone, 2) || ' 0' || substr(phone, 4)
        || ' ' || 7000000 + n,
    first, last, CASE WHEN n % 10 > 0 THEN date '1940-01-01' + (n * 7919 % 25000)::int END,
    (ARRAY['female', 'male', NULL])[1 + n % 3], (:sources)[1 + n * 31 % 8], (:cities)[1 + n * 17 % 10],
    (ARRAY['new', 'contacted', 'qualified', 'unqualified', NULL])[1 + n % 5], 'lead', 'manual',
    CASE WHEN n % 10 < 6 THEN 'customer' WHEN n % 10 < 8 THEN 'former_customer' ELSE 'lead' END, 'made up',
    :now - (n * 13 % 1500) * interval '1 day', (7000000 + n)::text, :now - (n * 13 % 1500) * interval '1 day', :now
FROM people
"""
_EMAILS = """
INSERT INTO emails SELECT id, 0, email, email, 'home', true, true FROM people
"""
_PHONES = """
INSERT INTO phones SELECT id, 0, phone, phone, 'mobile', true, lower(first || ' ' || last), true FROM people
"""
_ADDRESSES = """
INSERT INTO addresses
SELECT id, 0, 'home', last || ' street ' || n % 200, (:cities)[1 + n * 17 % 10], '', (10000 + n % 5000)::text, 'DE',
    true
FROM people WHERE n % 4 > 0
"""
_TAGS = """
INSERT INTO contact_tags
SELECT people.id, tags.id, :now FROM people JOIN tags ON tags.key = (:tags)[1 + n * 11 % 8] AND NOT tags.system
WHERE n % 3 = 0
ON CONFLICT DO NOTHING
"""
_FACTS = """
INSERT INTO facts (contact_id, currency, lifetime_value, purchases, first_purchase_at, last_purchase_at, dues,
    subscription_state, had_subscription, membership, bookings, visits, cancellations, no_shows, first_booking_at,
    last_booking_at, last_visit_at, last_contact_at, last_activity_at)
SELECT id, 'EUR', CASE WHEN n % 10 < 8 THEN n * 97 % 150000 ELSE 0 END, n % 12,
    CASE WHEN n % 10 < 8 THEN :now - (30 + n * 13 % 1400) * interval '1 day' END,
    CASE WHEN n % 10 < 8 THEN :now - (n * 29 % 400) * interval '1 day' END,
    CASE WHEN n % 20 = 3 THEN n % 9000 ELSE 0 END,
    CASE WHEN n % 10 < 6 THEN (ARRAY['active', 'active', 'active', 'paused', 'past_due'])[1 + n * 7 % 5]
         WHEN n % 10 < 8 THEN 'cancelled' END,
    n % 10 < 8, CASE WHEN n % 10 < 8 THEN (ARRAY['Gold', 'Silver', 'Ten classes'])[1 + n % 3] END,
    n * 3 % 60, n * 5 % 50, n % 5, n % 4,
    CASE WHEN n * 3 % 60 > 0 THEN :now - (200 + n * 13 % 900) * interval '1 day' END,
    CASE WHEN n * 3 % 60 > 0 THEN :now - (n * 41 % 200 - 10) * interval '1 day' END,
    CASE WHEN n * 5 % 50 > 0 THEN :now - (n * 43 % 190) * interval '1 day' END,
    CASE WHEN n % 7 > 0 THEN :now - (n * 47 % 365) * interval '1 hour' * 20 END,
    CASE WHEN n % 6 > 0 THEN :now - (n * 53 % 365) * interval '1 hour' * 21 END
FROM people ON CONFLICT DO NOTHING
"""
_PEOPLE = """
CREATE TEMP TABLE people ON COMMIT DROP AS
SELECT n, id, first, last,
    lower(first || '.' || last || '.' || n || '@example.') || (ARRAY['org', 'com'])[1 + n % 2] AS email,
    '+4915' || lpad((n * 7907 % 1000000007)::text, 10, '0') AS phone
FROM (
    SELECT n, ('01900000-' || lpad(to_hex(n / 65536), 4, '0') || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id,
        (:first)[1 + n * 7 % 20] AS first,
        initcap((:syllables)[1 + n * 3 % 20] || (:syllables)[1 + n / 20 % 20] || (:syllables)[1 + n / 400 % 20]
            || (:syllables)[1 + n / 8000 % 20]) AS last
    FROM generate_series(CAST(:start AS bigint), CAST(:start AS bigint) + :number - 1) AS n
) AS numbered
"""


def make_crowd(connection: sa.Connection, number: int, *, start: int = 0, now: Any = None) -> None:
    """Insert so many contacts, numbered from `start`; within the caller's transaction."""
    now = now or connection.scalar(sa.text("SELECT now()"))
    told = {
        "number": number, "start": start, "now": now, "first": FIRST, "syllables": SYLLABLES, "sources": SOURCES,
        "cities": CITIES, "tags": TAGS,
    }  # fmt: skip
    connection.execute(
        sa.text(
            "INSERT INTO tags (id, name, key) SELECT gen_random_uuid(), name, name FROM unnest(:tags) AS name"
            " ON CONFLICT DO NOTHING"
        ),
        {"tags": TAGS},
    )
    for statement in (_PEOPLE, _CONTACTS, _EMAILS, _PHONES, _ADDRESSES, _TAGS, _FACTS):
        connection.execute(sa.text(statement), told)
