"""The chassis' own tables, the same in every service's database."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

metadata = sa.MetaData()

_Id = sa.Uuid(as_uuid=False)
_Moment = sa.DateTime(timezone=True)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("position", sa.BigInteger, comment="gapless, given by the relay; null until then"),
    sa.Column("id", _Id, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", _Id, comment="the contact that it is about"),
    sa.Column("time", _Moment, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Column("actor", JSONB),
    sa.Column("request_id", sa.Text),
    sa.Column("traceparent", sa.Text),
    sa.Index("events_position", "position", unique=True),
    sa.Index("events_fresh", "seq", postgresql_where=sa.text("position IS NULL")),
    comment="outbox and event log in one: rows are never changed once they have a position",
)

relay = sa.Table(
    "relay",
    metadata,
    sa.Column("one", sa.SmallInteger, primary_key=True),
    sa.Column("assigned", sa.BigInteger, nullable=False, comment="the last position given"),
    sa.Column("published", sa.BigInteger, nullable=False, comment="the last position that the broker confirmed"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("event_id", _Id, primary_key=True),
    sa.Column("listener", sa.Text, primary_key=True),
    sa.Column("received_at", _Moment, nullable=False, server_default=sa.func.now()),
    sa.Index("inbox_received", "received_at"),
    comment="what was applied, in the transaction of its effect",
)

suspects = sa.Table(
    "suspects",
    metadata,
    sa.Column("event_id", _Id, primary_key=True),
    sa.Column("listener", sa.Text, primary_key=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("counted_at", _Moment, nullable=False, server_default=sa.func.now()),
    sa.Index("suspects_counted", "counted_at"),
    comment="events that came back from a process that ended, and how often each was tried since",
)

answers = sa.Table(
    "answers",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("answer", JSONB, comment="null while the first call is still at work"),
    sa.Column("made_at", _Moment, nullable=False, server_default=sa.func.now()),
    sa.Index("answers_made", "made_at"),
    comment="idempotency keys with the answer of the write, in its transaction",
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", _Id, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="queued"),
    sa.Column("input", JSONB, nullable=False),
    sa.Column("checkpoint", JSONB, nullable=False, server_default="{}"),
    sa.Column("progress", JSONB, nullable=False, server_default="{}"),
    sa.Column("result", JSONB),
    sa.Column("error", sa.Text),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("actor", JSONB, nullable=False),
    sa.Column("request_id", sa.Text),
    sa.Column("traceparent", sa.Text),
    sa.Column("due_at", _Moment, nullable=False, server_default=sa.func.now()),
    sa.Column("created_at", _Moment, nullable=False, server_default=sa.func.now()),
    sa.Column("updated_at", _Moment, nullable=False, server_default=sa.func.now()),
    sa.Index("jobs_open", "due_at", postgresql_where=sa.text("state IN ('queued', 'running')")),
)

timers = sa.Table(
    "timers",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last_run", _Moment, nullable=False),
)


def create_suspects(op) -> None:
    """Create the table of suspects where the service is older than that."""
    suspects.create(op.get_bind(), checkfirst=True)


def let_jobs_know_their_request(op) -> None:
    """Add what a job remembers of the request that it comes of, where the service is older than that."""
    op.execute("ALTER TABLE jobs ADD COLUMN IF NOT EXISTS request_id text, ADD COLUMN IF NOT EXISTS traceparent text")


def let_rows_keep_their_cause(op, *names: str) -> None:
    """Add what rows that wait for an errand keep of the request that they come of (`chassis.causes`)."""
    for name in names:
        op.execute(f"ALTER TABLE {name} ADD COLUMN IF NOT EXISTS cause jsonb")


def create(op) -> None:
    """Create them all; the first migration of a service begins with this."""
    metadata.create_all(op.get_bind())
    op.execute("INSERT INTO relay (one, assigned, published) VALUES (1, 0, 0)")
