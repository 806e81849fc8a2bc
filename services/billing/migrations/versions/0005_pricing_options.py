"""In which way a package was sold; what was sold before does not say."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE assignments ADD COLUMN pricing_option varchar(60)")
