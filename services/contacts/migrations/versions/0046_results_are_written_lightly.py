"""A result of a bulk action is written with two entries of indexes and no look at the action, nine times in ten.

Results are written in the transaction that holds the action's job, and no action is ever deleted: for each of a hundred
thousand results PostgreSQL looked it up, and locked it, all the same. What most of them came to is found by the action
alone; the rest by the outcome.
"""

from alembic import op

revision = "0046"
down_revision = "0045"

REST = "CREATE INDEX CONCURRENTLY bulk_results_rest ON bulk_results (bulk_id, outcome, contact_id)"


def upgrade() -> None:
    op.execute("ALTER TABLE bulk_results DROP CONSTRAINT IF EXISTS bulk_results_bulk_id_fkey")
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS bulk_results_rest")
        op.execute(f"{REST} WHERE outcome <> 'changed'")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS bulk_results_by_outcome")
