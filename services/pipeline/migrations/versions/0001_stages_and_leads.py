"""Stages with those of a new installation, leads and their moves, and what is remembered of contacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis import tables
from services.acquaintance import create_known_contacts

revision = "0001"
down_revision = None

_Id = sa.Uuid(as_uuid=False)
_Moment = sa.DateTime(timezone=True)
_ON_BOARD = sa.text("stage_id IS NOT NULL")

STAGES = (
    ("New", "open"),
    ("Trial", "open"),
    ("Follow-up", "open"),
    ("Interested", "open"),
    ("Will buy later", "open"),
    ("Won", "won"),
    ("Lost", "lost"),
)


def upgrade() -> None:
    tables.create(op)
    create_known_contacts(op)
    _create_stages()
    _create_leads()
    op.create_table(
        "moves",
        sa.Column("contact_id", _Id, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True),
        sa.Column("moved_at", _Moment, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("by_name", sa.Text),
        sa.Column("from_stage_id", _Id),
        sa.Column("from_stage", sa.Text),
        sa.Column("to_stage_id", _Id, nullable=False),
        sa.Column("to_stage", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
    )


def _create_stages() -> None:
    stages = op.create_table(
        "stages",
        sa.Column("id", _Id, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("kind", sa.Text, sa.CheckConstraint("kind IN ('open', 'won', 'lost')"), nullable=False),
        sa.Column("rank", sa.Numeric, nullable=False),
        sa.Column("time_allowed_days", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
    )
    first = [
        {"id": f"01940000-0000-7000-8000-00000000000{nth}", "name": name, "kind": kind, "rank": nth, "version": 1}
        for nth, (name, kind) in enumerate(STAGES, start=1)
    ]
    op.bulk_insert(stages, first)


def _create_leads() -> None:
    op.create_table(
        "leads",
        sa.Column("contact_id", _Id, primary_key=True),
        sa.Column("stage_id", _Id, sa.ForeignKey("stages.id")),
        sa.Column("stage_before_won", _Id),
        sa.Column("rank", sa.Numeric, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("assigned_to", _Id),
        sa.Column("source", sa.Text),
        sa.Column("location", sa.Text),
        sa.Column("lifecycle", sa.Text),
        sa.Column("lifecycle_reason", sa.Text),
        sa.Column("as_of", JSONB, nullable=False),
        sa.Column("expected_package", sa.Text),
        sa.Column("value_amount", sa.BigInteger),
        sa.Column("value_currency", sa.Text),
        sa.Column("entered_at", _Moment),
        sa.Column("entered_stage_at", _Moment),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    in_stage = ["stage_id", "rank", "contact_id"]
    op.create_index("leads_board", "leads", in_stage, postgresql_where=_ON_BOARD)
    op.create_index(
        "leads_figures", "leads", ["stage_id", "value_currency", "value_amount"], postgresql_where=_ON_BOARD
    )
    op.create_index("leads_of_assignee", "leads", ["assigned_to", *in_stage], postgresql_where=_ON_BOARD)
    op.create_index("leads_of_source", "leads", ["source", *in_stage], postgresql_where=_ON_BOARD)
