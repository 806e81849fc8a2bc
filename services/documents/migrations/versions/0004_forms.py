"""Forms and answers in versions, with a first questionnaire and goal plan; and first terms to sign."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.ids import new_id

revision = "0004"
down_revision = "0003"

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)

TERMS = """\
{{contact.display_name}} and {{business.name}} agree on the following.

# What is bought

What is bought, for how long and at which price stands in the order.

# Payment

Amounts are due when they are ordered. What is charged again and again is charged on the day that the order names.

# Rules of the house

The rules of the house hold for everybody, and the team may ask who breaks them to leave.

# Ending it

It ends as the order says. Rights that the law does not let anyone give up stay untouched.

Made out on {{today}}.
"""
FIRST_FORMS: list[tuple[str, str, list[tuple[str, str, str, bool]]]] = [
    (
        "questionnaire",
        "Questionnaire",
        [
            ("experience", "What have you done so far?", "text", True),
            ("health", "Is there anything about your health that we should know?", "yes_no", True),
            ("health_details", "If so, what?", "text", False),
        ],
    ),
    (
        "goal_plan",
        "Goal plan",
        [
            ("goal", "What do you want to reach?", "text", True),
            ("until", "Until when?", "date", False),
            ("visits_a_week", "How often a week will you come?", "number", False),
        ],
    ),
]


def upgrade() -> None:
    _forms()
    _filled_forms()
    _stay("form_versions", "title", "description", "questions", "archived", "changed_at", "changed_by")
    op.execute("CREATE TRIGGER form_versions_kept BEFORE DELETE ON form_versions EXECUTE FUNCTION stays()")
    _stay("filled_form_versions", "form_version", "answers", "changed_at", "changed_by")
    now = dt.datetime.now(dt.UTC)
    _first_forms(now)
    _first_terms(now)


def _forms() -> None:
    op.create_table(
        "form_versions",
        sa.Column("form_id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("questions", JSONB, nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by", sa.Text),
    )
    op.create_table(
        "forms",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("archived", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("kind IN ('questionnaire', 'goal_plan', 'form')", name="forms_kind"),
        sa.ForeignKeyConstraint(
            ["id", "version"], ["form_versions.form_id", "form_versions.version"],
            deferrable=True, initially="DEFERRED",
        ),
    )  # fmt: skip


def _filled_forms() -> None:
    op.create_table(
        "filled_forms",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("form_id", Id, nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("lacks", JSONB, nullable=False, comment="what is required and not answered"),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["form_id", "form_version"], ["form_versions.form_id", "form_versions.version"]),
        sa.Index("filled_forms_of_contact", "contact_id", "id"),
        sa.Index("filled_forms_of_form", "form_id", "id"),
        sa.Index("filled_forms_of_kind", "kind", "id"),
    )
    op.create_table(
        "filled_form_versions",
        sa.Column("filled_form_id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("answers", JSONB, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("changed_by", sa.Text),
        sa.Index("filled_form_versions_of_contact", "contact_id"),
    )


def _stay(table: str, *columns: str) -> None:
    """Let the database itself refuse to change what was asked and answered."""
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    op.execute(
        f"CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION stays()"
    )


def _first_forms(now: dt.datetime) -> None:
    names = ("form_id", "version", "title", "archived", "changed_at")
    versions = sa.table("form_versions", *map(sa.column, names), sa.column("questions", JSONB))
    for kind, title, asked in FIRST_FORMS:
        form_id = new_id()
        questions = [
            {"key": key, "label": label, "type": type, "required": required, "choices": None, "help": None}
            for key, label, type, required in asked
        ]
        version = {"form_id": form_id, "version": 1, "title": title, "archived": False, "changed_at": now}
        op.bulk_insert(versions, [version | {"questions": questions}])
        form = {"id": form_id, "kind": kind, "archived": False, "version": 1, "created_at": now}
        op.bulk_insert(_table("forms", *form), [form])


def _first_terms(now: dt.datetime) -> None:
    template_id = new_id()
    version = {"template_id": template_id, "version": 1, "title": "Terms", "body": TERMS.strip(), "made_at": now}
    template = {"id": template_id, "kind": "terms", "version": 1, "created_at": now}
    op.bulk_insert(_table("template_versions", *version), [version])
    op.bulk_insert(_table("templates", *template), [template])


def _table(name: str, *columns: str) -> Any:
    return sa.table(name, *(sa.column(column) for column in columns))
