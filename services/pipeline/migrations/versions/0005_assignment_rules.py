"""Assignment rules with their turn, and whom they chose."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0005"
down_revision = "0004"

_Id = sa.Uuid(as_uuid=False)
_Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "assignment_rules",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("strategy", sa.Text, nullable=False),
        sa.Column("team_member_ids", ARRAY(_Id), nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("location", sa.Text),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("rank", sa.Numeric, nullable=False),
        sa.Column("turn", sa.BigInteger, nullable=False),
        sa.Column("created_at", _Moment, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("strategy IN ('round_robin', 'least_loaded')", name="assignment_rules_strategy"),
    )
    op.create_table(
        "assignment_choices",
        sa.Column("contact_id", _Id, primary_key=True),
        sa.Column("rule_id", _Id, nullable=False),
        sa.Column("team_member_id", _Id, nullable=False),
        sa.Column("chosen_at", _Moment, nullable=False),
        sa.Index("assignment_choices_of_rule", "rule_id", "chosen_at", "contact_id"),
    )
