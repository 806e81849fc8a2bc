"""Stage rules with the log of what they did; and leads by how long they stand in their stage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

_Id = sa.Uuid(as_uuid=False)
_Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "stage_rules",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("stage_id", _Id, sa.ForeignKey("stages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("when", sa.Text, sa.CheckConstraint("\"when\" IN ('entered', 'stood_still')"), nullable=False),
        sa.Column("after_hours", sa.Integer),
        sa.Column("do", JSONB, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("active_since", _Moment, nullable=False),
        sa.Column("created_at", _Moment, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Index("stage_rules_of_stage", "stage_id", "when"),
    )
    op.create_table(
        "stage_rule_runs",
        sa.Column("rule_id", _Id, sa.ForeignKey("stage_rules.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("contact_id", _Id, primary_key=True),
        sa.Column("entry", sa.BigInteger, primary_key=True, comment="the lead's version when it entered the stage"),
        sa.Column("rule_version", sa.Integer, nullable=False),
        sa.Column("ran_at", _Moment, nullable=False),
        sa.Column("deed", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("because", sa.Text),
        sa.Column("follow_up_id", _Id),
        sa.Column("team_member_id", _Id),
        sa.Index("stage_rule_runs_listed", "rule_id", "ran_at", "contact_id", "entry"),
        sa.Index("stage_rule_runs_of_contact", "contact_id"),
    )
    op.create_index(
        "leads_standing", "leads", ["stage_id", "entered_stage_at"], postgresql_where=sa.text("stage_id IS NOT NULL")
    )
