"""Follow-ups, what is remembered of the team and of the settings, and when a lead was touched last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.acquaintance import create_known_settings

revision = "0003"
down_revision = "0002"

_Id = sa.Uuid(as_uuid=False)
_Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_known_settings(op)
    op.create_table(
        "known_team",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    _create_follow_ups()
    op.add_column("leads", sa.Column("touched_at", _Moment, nullable=False, server_default=sa.func.now()))
    op.execute("UPDATE leads SET touched_at = entered_stage_at WHERE entered_stage_at IS NOT NULL")
    op.create_index(
        "leads_touched", "leads", ["touched_at", "contact_id"], postgresql_where=sa.text("stage_id IS NOT NULL")
    )


def _create_follow_ups() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("contact_id", _Id, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("due_at", _Moment, nullable=False),
        sa.Column("due_told", sa.Boolean, nullable=False, comment="that this due time has come"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("assigned_to", _Id),
        sa.Column("follows_lead", sa.Boolean, nullable=False),
        sa.Column("assigned_before", _Id),
        sa.Column("outcome", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("ended_at", _Moment),
        sa.Column("ended_by", sa.Text),
        sa.Column("rule_id", _Id),
        sa.Column("created_at", _Moment, nullable=False),
        sa.Column("created_by", sa.Text),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("state IN ('open', 'done', 'cancelled', 'stopped')", name="follow_ups_state"),
        sa.Index("follow_ups_listed", "due_at", "id"),
        sa.Index("follow_ups_of_lead", "contact_id", "due_at", "id"),
        sa.Index("follow_ups_of_assignee", "assigned_to", "due_at", "id"),
        sa.Index("follow_ups_open", "due_at", "id", postgresql_where=sa.text("state = 'open'")),
        sa.Index("follow_ups_untold", "due_at", "id", postgresql_where=sa.text("state = 'open' AND NOT due_told")),
    )
