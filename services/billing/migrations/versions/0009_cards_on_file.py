"""Cards on file, whom the provider knows their owners as, and what it sent by webhook."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

Id = sa.Uuid(as_uuid=False)
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    _wallets()
    _cards()
    _payments()
    _notices()
    _test_cards()


def _wallets() -> None:
    op.create_table(
        "wallets",
        sa.Column("contact_id", Id, primary_key=True),
        sa.Column("provider", sa.String(20), primary_key=True),
        sa.Column("customer", sa.String(200)),
    )


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("id", Id, primary_key=True),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("provider", sa.String(20), nullable=False),
        sa.Column("customer", sa.String(200)),
        sa.Column("token", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("brand", sa.String(40)),
        sa.Column("last_four", sa.String(4)),
        sa.Column("expires", sa.String(7)),
        sa.Column("default", sa.Boolean, nullable=False),
        sa.Column("ask_again_at", Moment),
        sa.Column("asked_key", sa.Text, unique=True),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.Column("added_at", Moment, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.CheckConstraint("""NOT "default" OR state = 'on_file'""", name="cards_default_is_on_file"),
        sa.CheckConstraint(
            "state IN ('adding', 'refused') OR num_nulls(brand, last_four, expires, customer) = 0", name="cards_known"
        ),
    )
    op.create_index("cards_of_contact", "cards", ["contact_id", "id"])
    default, on_file = sa.text('"default"'), sa.text("state = 'on_file'")
    op.create_index("cards_one_default", "cards", ["contact_id"], unique=True, postgresql_where=default)
    op.create_index("cards_on_file_once", "cards", ["token", "provider"], unique=True, postgresql_where=on_file)
    asked = sa.text("ask_again_at IS NOT NULL")
    op.create_index("cards_to_ask_for_again", "cards", ["ask_again_at"], postgresql_where=asked)


def _payments() -> None:
    op.add_column("payments", sa.Column("card_id", Id))
    op.add_column("payments", sa.Column("authenticate_until", Moment))
    op.create_index("payments_of_reference", "payments", ["provider_reference"])


def _notices() -> None:
    op.create_table(
        "provider_notices",
        sa.Column("provider", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(200), nullable=False),
        sa.Column("contact_id", Id),
        sa.Column("heard_at", Moment, nullable=False),
    )
    op.create_index("provider_notices_of_contact", "provider_notices", ["contact_id"])
    op.create_index("provider_notices_by_age", "provider_notices", ["heard_at"])


def _test_cards() -> None:
    op.create_table(
        "test_cards",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("token", sa.Text, nullable=False),
        sa.Column("customer", sa.Text, nullable=False),
        sa.Column("forgotten", sa.Boolean, nullable=False, server_default=sa.false()),
        comment="the memory of the in-house card provider for demos and tests",
    )
