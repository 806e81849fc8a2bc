"""Paid days say by which order they are had and how the membership stood before, so that they can be given back.

Those that a process of the version before writes while it is replaced do not: given back, they go all the same, but
the membership is counted anew from there, and does not outlive the order that began it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

Id = sa.Uuid(as_uuid=False)


def upgrade() -> None:
    op.add_column("paid_days", sa.Column("assignment_id", Id))
    op.add_column("paid_days", sa.Column("anchored_before", sa.Date))
    op.add_column("paid_days", sa.Column("ending_before", sa.Date))
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute(
            "UPDATE paid_days SET assignment_id = order_items.assignment_id "
            "FROM order_items WHERE order_items.id = sold_as"
        )
        op.execute("DROP INDEX IF EXISTS paid_days_of_sale")
        op.execute("CREATE INDEX CONCURRENTLY paid_days_of_sale ON paid_days (sold_as)")
