"""The renewal run beside bare commits of the rows that it leaves; the provider answers at once.

Ten thousand memberships fall due in one night. Beside them one connection writes the same rows, a renewal a commit.
"""

from __future__ import annotations

import sqlalchemy as sa

MEMBERS = 10_000
BARE = 1_000
_MEMBERS = """
WITH made AS (
    SELECT n, uuidv7() AS contact, uuidv7() AS item, uuidv7() AS card, uuidv7() AS subscription
    FROM generate_series(1, :members) AS n
), sold AS (
    SELECT * FROM package_versions WHERE package_id = :package ORDER BY version DESC LIMIT 1
), assigned AS (
    INSERT INTO assignments (id, contact_id, order_id, package_id, package_version, name, kind, quantity, state, since,
        expires_on, renews, assigned_at)
    SELECT item, contact, uuidv7(), package_id, version, name, kind, 1, 'active', today - 30, today - 1, true, now()
    FROM made, sold, (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS day
), known AS (
    INSERT INTO known_contacts (contact_id, display_name, standing, version, complete)
    SELECT contact, 'Member ' || n, 'active', 1, true FROM made
), kept AS (
    INSERT INTO test_cards (reference, token, customer) SELECT 'card_' || card, 'tok_visa', 'test_' || contact FROM made
), on_file AS (
    INSERT INTO cards (id, contact_id, provider, customer, token, state, brand, last_four, expires, "default", added_by,
        added_at, version)
    SELECT card, contact, 'test', 'test_' || contact, 'card_' || card, 'on_file', 'visa', '4242', '2099-12', true,
        'Olive', now(), 1 FROM made
)
INSERT INTO subscriptions (id, contact_id, assignment_id, package_id, package_version, name, currency, price,
    cycle_unit, cycle_count, state, started_on, anchored_on, cycles, moved_days, expires_on, next_charge_on, renewals,
    version)
SELECT subscription, contact, item, package_id, version, name, currency, price, cycle_unit, cycle_count, 'active',
    today - 30, today, 0, 0, today - 1, today, 0, 1
FROM made, sold, (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS day
"""
_LEFT = "SELECT count(*) FROM subscriptions WHERE package_id = :package AND renewals = 0"
_OPEN = """
SELECT count(*) FROM renewals JOIN subscriptions ON subscriptions.id = subscription_id
WHERE package_id = :package AND renewals.state <> 'paid'
"""


def make_members(connection: sa.Connection, package_id: str, members: int) -> None:
    """So many contacts with a card on file, whose membership of this package falls due today (UTC)."""
    connection.execute(sa.text(_MEMBERS), {"package": package_id, "members": members})


def unpaid(connection: sa.Connection, package_id: str) -> int:
    """How many of this package are not charged yet, or not paid."""
    of = {"package": package_id}
    return int(connection.scalar(sa.text(f"SELECT ({_LEFT}) + ({_OPEN})"), of) or 0)
