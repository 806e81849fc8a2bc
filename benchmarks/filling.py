"""What a crowd has besides: custom fields, groups, companies, consents, bookings, rarer facts, ids of other systems."""

from __future__ import annotations

import sqlalchemy as sa

_FILLED = (
    """
    INSERT INTO custom_fields (id, key, label, label_key, type, choices, applies_to, created_at, version)
    SELECT gen_random_uuid(), kind, kind, kind, kind, CASE WHEN kind = 'choice' THEN '["left", "right"]'::jsonb END,
        'both', now(), 1
    FROM unnest(ARRAY['text', 'number', 'date', 'choice', 'yes_no']) AS kind
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO groups (id, name, name_key, description, version, created_at)
    VALUES (gen_random_uuid(), 'Long', 'long', '', 1, now()) ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO group_members
    SELECT groups.id, chosen.id, now() - place * interval '1 s' FROM groups, chosen
    WHERE place % 2 = 0 AND groups.name_key = 'long'
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO external_ids SELECT 'elsewhere', place::text, id, now() FROM chosen WHERE place % 3 > 0
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO affiliations (id, contact_id, company_id, title, is_primary, version, created_at)
    SELECT gen_random_uuid(), id, (SELECT id FROM chosen WHERE place = 7), 'Trainer', true, 1, now()
    FROM chosen WHERE place % 4 = 0
    ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO consents (id, contact_id, channel, about, granted, said_at, source, recorded_at)
    SELECT gen_random_uuid(), id, 'email', 'marketing', place % 3 > 0, now(), 'desk', now()
    FROM chosen, generate_series(1, 2)
    """,
    """
    INSERT INTO preferences (contact_id, preferred_contact_method, version, changed_at)
    SELECT id, 'sms', 1, now() FROM chosen WHERE place % 2 = 1 ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO club_access (contact_id, locations, suspended, version, changed_at)
    SELECT id, ARRAY['riga'], false, 1, now() FROM chosen WHERE place % 2 = 0 ON CONFLICT DO NOTHING
    """,
    """
    INSERT INTO sessions (id, kind, title, starts_at, ends_at, capacity, late_cancel_hours, created_at)
    SELECT gen_random_uuid(), 'class', 'Yoga', now() - n * interval '1 h',
        now() - (n - 1) * interval '1 h', 90, 12, now()
    FROM generate_series(-500, 1499) AS n
    """,
    """
    INSERT INTO bookings (id, session_id, contact_id, state, starts_at, arrival, made_at, changed_at)
    SELECT gen_random_uuid(), planned.id, chosen.id,
        CASE WHEN starts_at > now() THEN 'upcoming'
            ELSE (ARRAY['attended', 'attended', 'missed', 'cancelled'])[1 + place % 4] END,
        starts_at, place, now(), now()
    FROM (SELECT *, row_number() OVER () AS n FROM sessions WHERE title = 'Yoga') AS planned
    JOIN chosen ON place % 2000 IN (planned.n - 1, (planned.n * 7) % 2000)
    ON CONFLICT DO NOTHING
    """,
    """
    UPDATE contacts SET assigned_to = '01900000-0000-7000-8000-00000000aaaa', website = 'https://' || lower(last_name),
        fields = jsonb_build_object('text', last_name, 'number', place % 100, 'date', '2026-11-01', 'choice',
            (ARRAY['left', 'right'])[1 + place % 2], 'yes_no', place % 2 = 0)
    FROM chosen WHERE chosen.id = contacts.id AND place % 2 = 0
    """,
    """
    UPDATE contacts SET kind = 'company', name = display_name,
        industry = (ARRAY['Gyms', 'Salons', 'Clinics'])[1 + place % 3]
    FROM chosen WHERE chosen.id = contacts.id AND place % 20 = 1
    """,
    """
    UPDATE contacts SET customer_since = date '2015-01-01' + (place % 4000)::int FROM chosen
    WHERE chosen.id = contacts.id AND lifecycle = 'customer'
    """,
    """
    UPDATE facts SET pricing_option = (ARRAY['monthly', 'yearly'])[1 + place % 2], trial = place % 10 = 3,
        membership_expires_on = current_date + (place % 400 - 30)::int, late_cancellations = place % 3,
        stage = (ARRAY['New', 'Follow-up', 'Will buy later'])[1 + place % 3],
        last_contact_channel = (ARRAY['email', 'call', 'sms'])[1 + place % 3]
    FROM chosen WHERE chosen.id = facts.contact_id
    """,
    """
    INSERT INTO segments (id, name, name_key, description, filter, passes_with_time, edition, evaluated, version,
        created_at, changed_at)
    SELECT gen_random_uuid(), 'Long', 'long', '', '{"combinator": "and", "not": false, "rules": []}', false, 1, 1, 1,
        now(), now()
    WHERE NOT EXISTS (SELECT FROM segments WHERE name_key = 'long')
    """,
    """
    INSERT INTO segment_members
    SELECT segments.id, chosen.id, now() FROM segments, chosen WHERE segments.name_key = 'long' AND place % 2 = 0
    ON CONFLICT DO NOTHING
    """,
)
_SOME = """
CREATE TEMP TABLE chosen ON COMMIT DROP AS
SELECT id, row_number() OVER (ORDER BY md5(id::text)) AS place FROM contacts ORDER BY md5(id::text) LIMIT :number
"""


def fill(engine: sa.Engine, number: int = 100_000) -> None:
    """Give so many of a crowd, spread over it by chance, one of each; the same ones every time."""
    with engine.begin() as connection:
        connection.execute(sa.text(_SOME), {"number": number})
        for statement in _FILLED:
            connection.execute(sa.text(statement))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
