"""An import says whether the companies of its people are entered; what an old process starts finds them only."""

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.execute("ALTER TABLE imports ADD COLUMN companies text NOT NULL DEFAULT 'find'")
