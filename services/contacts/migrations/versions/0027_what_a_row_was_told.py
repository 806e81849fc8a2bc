"""Imports may overwrite, and each row tells what it changed and what of it was not taken."""

from alembic import op

revision = "0027"
down_revision = "0026"

SCHEMA = """
ALTER TABLE imports ADD COLUMN on_conflict text NOT NULL DEFAULT 'keep';
ALTER TABLE import_rows ADD COLUMN told jsonb;
"""


def upgrade() -> None:
    op.execute(SCHEMA)
