"""Keys by which other systems use the API."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Uuid(as_uuid=False), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("scopes", JSONB, nullable=False),
        sa.Column("secret_hash", sa.Text, nullable=False, comment="SHA-256; the secret itself is kept nowhere"),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("made_by", sa.Text),
        sa.Column("expires_at", moment),
        sa.Column("last_used_at", moment),
        sa.Column("revoked_at", moment),
        sa.Column("version", sa.BigInteger, nullable=False),
    )
    op.create_index("api_keys_revoked", "api_keys", ["revoked_at"], postgresql_where=sa.text("revoked_at IS NOT NULL"))
