"""Credit packs whose credits lapse."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE package_versions ADD COLUMN valid_days integer")
