"""What the business says of itself is remembered here too."""

from alembic import op

from services.acquaintance import create_known_settings

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_known_settings(op)
