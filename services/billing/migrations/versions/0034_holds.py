"""Whoever sells to a contact and whoever archives them exclude each other."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "holds",
        sa.Column("contact_id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("id", sa.Uuid(as_uuid=False)),
        sa.Column("held_by", sa.Uuid(as_uuid=False)),
        sa.Column("step", sa.Integer),
        sa.Column("held_at", sa.DateTime(timezone=True)),
    )
    op.create_index("holds_to_settle", "holds", ["held_at"], postgresql_where=sa.text("id IS NOT NULL"))
