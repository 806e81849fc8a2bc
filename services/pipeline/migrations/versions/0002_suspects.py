"""Events that come back from a process that ended are counted."""

from alembic import op

from chassis.tables import create_suspects

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create_suspects(op)
