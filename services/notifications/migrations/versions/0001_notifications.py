"""Message templates, messages with their attempts, and a template to begin with."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from chassis import tables
from services.acquaintance import create_known_contacts

revision = "0001"
down_revision = None

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)

WELCOME = "01980000-0000-7000-8000-000000000501"
SUBJECT = "Welcome to {{ business.name }}"
TEXT = """Hello {{ contact.first_name | default(contact.display_name) }},

good to have you with us. If there is anything that we can do for you, answer this e-mail.

{{ business.name }}
"""
HTML = """<p>Hello {{ contact.first_name | default(contact.display_name) }},</p>
<p>good to have you with us. If there is anything that we can do for you, answer this e-mail.</p>
<p>{{ business.name }}</p>
"""


def upgrade() -> None:
    tables.create(op)
    create_known_contacts(op)
    _templates()
    _messages()
    _welcome()


def _templates() -> None:
    op.create_table(
        "message_templates",
        sa.Column("id", Id, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Index("message_templates_name", "channel", sa.text("lower(name)"), unique=True),
        sa.Index("message_templates_listed", "name", "id"),
    )
    op.create_table(
        "message_template_versions",
        sa.Column("template_id", Id, sa.ForeignKey("message_templates.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body_text", sa.Text, nullable=False),
        sa.Column("body_html", sa.Text),
        sa.Column("written_at", Moment, nullable=False),
        sa.Column("written_by", sa.Text, nullable=False),
    )


def _messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text),
        sa.Column("counterpart", sa.Text, comment="the address of the other side"),
        sa.Column("counterpart_name", sa.Text),
        sa.Column("subject", sa.Text),
        sa.Column("body_text", sa.Text),
        sa.Column("body_html", sa.Text),
        sa.Column("notes", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("duration_seconds", sa.Integer),
        sa.Column("template_id", Id),
        sa.Column("template_version", sa.Integer),
        sa.Column("resend_of", Id),
        sa.Column("send_key", sa.Text, unique=True, comment="one sending, however often it was asked for"),
        sa.Column("wire_key", Id, comment="names it to mail servers; the same when sent once more"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, comment="what the mail server last said"),
        sa.Column("due_at", Moment),
        sa.Column("claimed_at", Moment),
        sa.Column("happened_at", Moment, nullable=False),
        sa.Column("sent_at", Moment),
        sa.Column("by_id", sa.Text),
        sa.Column("by_name", sa.Text),
        sa.ForeignKeyConstraint(
            ["template_id", "template_version"],
            ["message_template_versions.template_id", "message_template_versions.version"],
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'logged')", name="messages_state"
        ),
        sa.Index("messages_log", "contact_id", "happened_at", "id"),
        sa.Index("messages_log_by_channel", "contact_id", "channel", "happened_at", "id"),
        sa.Index("messages_due", "due_at", "id", postgresql_where=sa.text("state = 'queued'")),
        sa.Index("messages_under_way", "claimed_at", postgresql_where=sa.text("state = 'sending'")),
    )
    op.create_table(
        "message_attempts",
        sa.Column("message_id", Id, sa.ForeignKey("messages.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("began_at", Moment, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("result", sa.Text),
        sa.Column("answer", sa.Text),
    )


def _welcome() -> None:
    """A new installation can greet people at once; the business changes the words when it likes."""
    now = dt.datetime.now(dt.UTC)
    op.bulk_insert(
        sa.table(
            "message_templates",
            *(sa.column(n) for n in ("name", "channel", "purpose")),
            sa.column("id", Id), sa.column("version", sa.Integer),
            sa.column("created_at", Moment), sa.column("changed_at", Moment),
        ),
        [{"id": WELCOME, "name": "Welcome", "channel": "email", "purpose": "transactional", "version": 1,
          "created_at": now, "changed_at": now}],
    )  # fmt: skip
    op.bulk_insert(
        sa.table(
            "message_template_versions",
            *(sa.column(n) for n in ("subject", "body_text", "body_html", "written_by")),
            sa.column("template_id", Id), sa.column("version", sa.Integer), sa.column("written_at", Moment),
        ),
        [{"template_id": WELCOME, "version": 1, "subject": SUBJECT, "body_text": TEXT, "body_html": HTML,
          "written_at": now, "written_by": "Rapport"}],
    )  # fmt: skip
