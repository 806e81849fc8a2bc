"""Moves by stage and time, and leads by when they came, for the reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_index("moves_into_stage", "moves", ["to_stage_id", "moved_at", "contact_id"])
    op.create_index("leads_entered", "leads", ["entered_at"], postgresql_where=sa.text("stage_id IS NOT NULL"))
