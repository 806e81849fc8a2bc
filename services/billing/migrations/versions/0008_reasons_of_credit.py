"""Why credit moved may be a sentence with a reason of its own in it, which together have no limit."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.alter_column("credit_entries", "reason", type_=sa.Text)
