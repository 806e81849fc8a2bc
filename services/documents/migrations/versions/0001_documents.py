"""Templates, agreements, signatures and seals, and the first template: a liability waiver."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from chassis import tables
from chassis.ids import new_id
from services.acquaintance import create_known_contacts

revision = "0001"
down_revision = None

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)

WAIVER = """\
I, {{contact.display_name}}, take part in the activities of {{business.name}} of my own free will.

# What I know

Exercise and physical treatment carry risks, among them strains, falls and, rarely, serious injury. I have had the \
chance to ask about them.

# What I confirm

I am in good health and know of no reason why I should not take part, or I have told {{business.name}} of it in \
writing. I will follow the instructions of the team, use the equipment as shown, and stop when I feel unwell.

# What I accept

I take part at my own risk. {{business.name}} is not liable for harm that it has not caused by intent or negligence. \
Rights that the law does not let anyone give up stay untouched.

# In an emergency

{{business.name}} may call medical help for me when I cannot do so myself.

Made out on {{today}}.
"""


def upgrade() -> None:
    tables.create(op)
    create_known_contacts(op)
    _templates()
    _agreements()
    _signatures()
    _first_template()


def _templates() -> None:
    op.create_table(
        "template_versions",
        sa.Column("template_id", Id, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("made_by", sa.Text),
    )
    op.create_table(
        "templates",
        sa.Column("id", Id, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["id", "version"], ["template_versions.template_id", "template_versions.version"],
            deferrable=True, initially="DEFERRED",
        ),
    )  # fmt: skip
    _stays("template_versions", "title", "body", "made_at", "made_by")
    op.execute("CREATE TRIGGER template_versions_kept BEFORE DELETE ON template_versions EXECUTE FUNCTION stays()")


def _agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("contact_name", sa.Text, nullable=False),
        sa.Column("template_id", Id, sa.ForeignKey("templates.id"), nullable=False),
        sa.Column("template_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, comment="SHA-256 of the token of the signing link"),
        sa.Column("links", sa.Integer, nullable=False, comment="how many links were opened; the last one works"),
        sa.Column("sent_by_key", sa.LargeBinary, unique=True, comment="hash of the idempotency key it was sent with"),
        sa.Column("link_by_key", sa.LargeBinary, comment="hash of the idempotency key the link was opened with"),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("created_by", sa.Text),
        sa.Column("sent_at", Moment),
        sa.Column("viewed_at", Moment),
        sa.Column("signed_at", Moment),
        sa.Column("signed_name", sa.Text),
        sa.Column("closed_at", Moment, comment="declined, recalled or expired"),
        sa.Column("expires_at", Moment),
        sa.Column("reason", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'sent', 'viewed', 'signed', 'declined', 'recalled', 'expired')", name="agreements_state"
        ),
        sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="agreements_signed"),
        sa.CheckConstraint("state = 'draft' OR expires_at IS NOT NULL OR state = 'recalled'", name="agreements_sent"),
    )
    op.create_index("agreements_of_contact", "agreements", ["contact_id", "id"])
    op.create_index("agreements_in_state", "agreements", ["state", "id"])
    op.create_index("agreements_token", "agreements", ["token_hash"], unique=True)
    waiting = sa.text("state IN ('sent', 'viewed')")
    op.create_index("agreements_waiting", "agreements", ["expires_at"], postgresql_where=waiting)
    op.create_index("agreements_unsigned", "agreements", ["id"], postgresql_where=waiting)
    _stays("agreements", "title", "text", "content_hash")


def _signatures() -> None:
    op.create_table(
        "signatures",
        sa.Column("agreement_id", Id, sa.ForeignKey("agreements.id"), primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("typed", sa.Text),
        sa.Column("drawn", sa.LargeBinary, comment="a PNG of our own making"),
        sa.Column("signed_at", Moment, nullable=False),
        sa.Column("from_address", sa.Text),
        sa.Column("user_agent", sa.Text),
        sa.Column("file_key", sa.Text, comment="where the sealed PDF lies"),
        sa.Column("claimed_until", Moment, comment="somebody is making the PDF"),
        sa.CheckConstraint("num_nonnulls(typed, drawn) = 1", name="signatures_one_mark"),
    )
    op.create_index("signatures_of_contact", "signatures", ["contact_id"])
    op.create_index("signatures_without_pdf", "signatures", ["signed_at"], postgresql_where=sa.text("file_key IS NULL"))
    kept = ("name", "typed", "drawn", "signed_at", "from_address", "user_agent")
    _stays("signatures", *kept)
    op.create_table(
        "seals",
        sa.Column("id", Id, primary_key=True),
        sa.Column("lock", sa.LargeBinary, nullable=False, comment="tells with which secret it is locked"),
        sa.Column("locked", sa.LargeBinary, nullable=False, comment="PKCS #12"),
        sa.Column("made_at", Moment, nullable=False),
    )


def _stays(table: str, *columns: str) -> None:
    """Let the database itself refuse to change what was shown to people."""
    op.execute("""
        CREATE OR REPLACE FUNCTION stays() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '% are kept as they were', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation'; END $$""")
    changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
    op.execute(
        f"CREATE TRIGGER {table}_stay BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION stays()"
    )


def _first_template() -> None:
    now = dt.datetime.now(dt.UTC)
    template_id = new_id()
    versions = sa.table(
        "template_versions", *(sa.column(c) for c in ("template_id", "version", "title", "body", "made_at", "made_by"))
    )
    templates = sa.table("templates", *(sa.column(c) for c in ("id", "kind", "version", "created_at")))
    op.bulk_insert(
        versions,
        [
            {
                "template_id": template_id,
                "version": 1,
                "title": "Liability waiver",
                "body": WAIVER.strip(),
                "made_at": now,
                "made_by": None,
            }
        ],
    )
    op.bulk_insert(templates, [{"id": template_id, "kind": "waiver", "version": 1, "created_at": now}])


def downgrade() -> None:
    raise NotImplementedError("The first migration has nothing to go back to.")
