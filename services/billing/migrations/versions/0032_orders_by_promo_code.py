"""The orders that used a promo code are found by it."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS orders_by_promo_code")
        op.execute(
            "CREATE INDEX CONCURRENTLY orders_by_promo_code ON orders ((promo_code ->> 'promo_code_id'), number) "
            "WHERE promo_code IS NOT NULL"
        )
