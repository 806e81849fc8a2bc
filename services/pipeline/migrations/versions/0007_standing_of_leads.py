"""Whether a lead's contact is active, so that the board leaves out who was archived."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ACTIVE = sa.text("stage_id IS NOT NULL AND standing = 'active'")


def upgrade() -> None:
    op.add_column("leads", sa.Column("standing", sa.Text, nullable=False, server_default="active"))
    op.execute(
        "UPDATE leads SET standing = known.standing FROM known_contacts AS known "
        "WHERE known.contact_id = leads.contact_id AND known.standing <> 'active'"
    )
    op.drop_index("leads_figures", "leads")
    op.create_index("leads_figures", "leads", ["stage_id", "value_currency", "value_amount"], postgresql_where=_ACTIVE)
