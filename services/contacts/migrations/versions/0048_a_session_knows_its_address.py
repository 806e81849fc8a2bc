"""A member's session knows the address that it was opened by; of the older ones nobody knows it."""

from alembic import op

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.execute("ALTER TABLE member_sessions ADD opened_by text")
