"""The sum of a contact's marks, in one statement for many contacts."""

from __future__ import annotations

import sqlalchemy as sa

from services.contacts.facts.model import Facts

SUMS = sa.text("""
    WITH asked AS (SELECT unnest(CAST(:contact_ids AS uuid[])) AS contact_id),
    marks AS (
        SELECT contact_id, kind, thing, rank, at, data, (data->>'amount')::bigint AS amount
        FROM fact_marks JOIN asked USING (contact_id) WHERE edition = :edition
    ), orders AS (
        SELECT contact_id, data->>'order' AS id, data->>'currency' AS currency,
            min(amount) FILTER (WHERE kind = 'order') AS total,
            coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0) AS taken,
            coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS returned,
            coalesce(sum(CASE kind WHEN 'payment' THEN amount ELSE -amount END)
                FILTER (WHERE kind IN ('payment', 'refund') AND NOT data ? 'credit'), 0) AS kept,
            coalesce(sum((data->>'credited')::bigint) FILTER (WHERE kind = 'refund'), 0)
                + coalesce(min(amount) FILTER (WHERE kind = 'cancelled'), 0)
                + coalesce(min(amount) FILTER (WHERE kind = 'written_off'), 0) AS credited,
            coalesce(min(at) FILTER (WHERE kind = 'payment'), min(at)) AS bought_at,
            coalesce(bool_or((data->>'recurring')::boolean), false) AS recurring
        FROM marks WHERE kind IN ('order', 'cancelled', 'written_off', 'payment', 'refund') GROUP BY 1, 2, 3
    ), money AS (
        SELECT contact_id,
            sum(kept) FILTER (WHERE currency = :currency)::bigint AS lifetime_value,
            sum(coalesce(total, 0) - credited - taken + returned) FILTER (WHERE currency = :currency)::bigint AS dues,
            count(*) FILTER (WHERE bought) AS purchases,
            min(bought_at) FILTER (WHERE bought) AS first_purchase_at,
            max(bought_at) FILTER (WHERE bought) AS last_purchase_at
        FROM orders, LATERAL (SELECT (taken > returned OR total = 0) AND NOT recurring AS bought) AS purchase
        GROUP BY contact_id
    ), packages AS (
        SELECT contact_id, thing,
            coalesce(bool_or((data->>'trial')::boolean), false) AND NOT bool_or(kind = 'ended') AS trial,
            max(data->>'kind') AS kind,
            max(data->>'state') FILTER (WHERE kind = 'subscription') AS state,
            max(data->>'name') FILTER (WHERE kind = said) AS name,
            max(data->>'pricing_option') FILTER (WHERE kind = said) AS pricing_option,
            max(rank) FILTER (WHERE kind = 'paid') AS paid,
            (max(data->>'expires_on') FILTER (WHERE kind = said))::date AS expires_on,
            coalesce(max(rank) FILTER (WHERE kind = 'paid') > coalesce(max(rank) FILTER (WHERE kind = 'reversed'), 0),
                false) AS holds,
            coalesce(max(rank) FILTER (WHERE kind = 'ended') > max(rank) FILTER (WHERE kind = 'paid'), false) AS over,
            max(coalesce((data->>'ended_at')::timestamptz, at)) FILTER (WHERE kind = 'ended') AS ended_at,
            max(data->>'reason') FILTER (WHERE kind = 'ended') ILIKE '%cancel%' AS cancelled
        FROM (
            SELECT *, CASE WHEN bool_or(kind = 'subscription') OVER of_thing THEN 'subscription' ELSE 'paid' END AS said
            FROM marks WHERE kind IN ('assigned', 'paid', 'reversed', 'ended', 'subscription')
            WINDOW of_thing AS (PARTITION BY contact_id, thing)
        ) AS marks GROUP BY 1, 2
    ), belongings AS (
        SELECT contact_id, bool_or(trial) AS trial,
            bool_or(kind = 'membership' AND holds) AS subscribed,
            (array_agg(name ORDER BY paid DESC, thing) FILTER (WHERE kind = 'membership' AND holds AND NOT over))[1]
                AS membership,
            (array_agg(pricing_option ORDER BY paid DESC, thing)
                FILTER (WHERE kind = 'membership' AND holds AND NOT over))[1] AS pricing_option,
            (array_agg(CASE WHEN NOT over THEN coalesce(state, 'active')
                WHEN state IN ('cancelled', 'expired') THEN state WHEN cancelled THEN 'cancelled' ELSE 'expired' END
                ORDER BY over, ended_at DESC, thing) FILTER (WHERE kind = 'membership' AND holds))[1] AS state,
            (array_agg(CASE WHEN over THEN least(expires_on, (ended_at AT TIME ZONE 'UTC')::date) ELSE expires_on END
                ORDER BY over, ended_at DESC, state IS NULL, paid DESC, thing)
                FILTER (WHERE kind = 'membership' AND holds))[1]
                AS membership_expires_on
        FROM packages GROUP BY contact_id
    ), latest AS (
        SELECT contact_id,
            max(data->>'stage') FILTER (WHERE kind = 'stage') AS stage,
            max(at) FILTER (WHERE kind = 'contacted') AS last_contact_at,
            max(data->>'channel') FILTER (WHERE kind = 'contacted') AS last_contact_channel,
            max(at) FILTER (WHERE kind = 'active') AS last_activity_at
        FROM marks WHERE kind IN ('stage', 'contacted', 'active') GROUP BY contact_id
    ), booked AS (
        SELECT marks.contact_id, figures.*
        FROM marks, jsonb_to_record(data) AS figures (
            bookings int, visits int, cancellations int, late_cancellations int, no_shows int,
            first_booking_at timestamptz, last_booking_at timestamptz, last_visit_at timestamptz
        ) WHERE kind = 'booked'
    )
    SELECT contact_id, CAST(:currency AS text) AS currency,
        coalesce(lifetime_value, 0) AS lifetime_value, coalesce(dues, 0) AS dues, coalesce(purchases, 0) AS purchases,
        first_purchase_at, last_purchase_at,
        belongings.state AS subscription_state, coalesce(subscribed, false) AS had_subscription,
        membership, pricing_option, membership_expires_on, coalesce(trial, false) AS trial,
        stage, coalesce(bookings, 0) AS bookings, coalesce(visits, 0) AS visits,
        coalesce(cancellations, 0) AS cancellations, coalesce(late_cancellations, 0) AS late_cancellations,
        coalesce(no_shows, 0) AS no_shows, first_booking_at, last_booking_at, last_visit_at,
        last_contact_at, last_contact_channel, last_activity_at
    FROM asked
        LEFT JOIN money USING (contact_id) LEFT JOIN belongings USING (contact_id)
        LEFT JOIN booked USING (contact_id) LEFT JOIN latest USING (contact_id)
""").columns(*Facts.__table__.columns)
"""`contact_ids`, `edition`, `currency`: a row for each of them, of whom nothing is known with noughts."""
