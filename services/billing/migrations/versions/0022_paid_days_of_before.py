"""What was sold before paid days were kept is known from its orders and renewals, so that it can be changed now.

Where a cycle was waived it stays unknown until the next one is paid: waived and struck looked the same then.
"""

from alembic import op

revision = "0022"
down_revision = "0021"

KNOW_DAYS_OF_BEFORE = """
    WITH unknown AS (
        SELECT subscriptions.id, subscriptions.contact_id, assignments.package_id, started_on
        FROM subscriptions JOIN assignments ON assignments.id = assignment_id
        WHERE subscriptions.state IN ('active', 'paused', 'past_due') AND price > 0
            AND NOT EXISTS (SELECT FROM paid_days WHERE subscription_id = subscriptions.id)
            AND NOT EXISTS (SELECT FROM renewals WHERE subscription_id = subscriptions.id AND state = 'waived')
    ), bought AS (
        SELECT unknown.id, unknown.contact_id, order_items.id AS sold_as, settled_at AS at,
            (since + assignments.quantity * cycle_count * ('1 ' || cycle_unit)::interval)::date - since AS days
        FROM unknown
            JOIN assignments
                ON (assignments.contact_id, assignments.package_id) = (unknown.contact_id, unknown.package_id)
            JOIN package_versions
                ON (package_versions.package_id, version) = (unknown.package_id, assignments.package_version)
            JOIN order_items ON assignment_id = assignments.id
            JOIN orders ON orders.id = order_items.order_id
        WHERE assignments.state IN ('active', 'reversed') AND since >= started_on
            AND cycle_unit IS NOT NULL AND package_versions.price > 0
    ), renewed AS (
        SELECT unknown.id, unknown.contact_id, renewals.id AS sold_as, settled_at AS at,
            until_on - starts_on + 1 AS days
        FROM unknown JOIN renewals ON subscription_id = unknown.id
        WHERE renewals.state IN ('paid', 'refunded')
    )
    INSERT INTO paid_days (id, subscription_id, contact_id, days, sold_as, carried)
    SELECT uuidv7(), id, contact_id, days, sold_as, 0
    FROM (SELECT * FROM bought UNION ALL SELECT * FROM renewed ORDER BY at, sold_as) AS known
    WHERE days > 0
"""


def upgrade() -> None:
    op.execute(KNOW_DAYS_OF_BEFORE)
