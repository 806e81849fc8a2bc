"""A stage leaves the board at once, and who rests in it is moved after that; its name is free meanwhile."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE stages ADD COLUMN IF NOT EXISTS leaving_since timestamptz")
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("DROP INDEX IF EXISTS stages_named")
        op.execute("CREATE UNIQUE INDEX CONCURRENTLY stages_named ON stages (name) WHERE leaving_since IS NULL")
    op.execute("ALTER TABLE stages DROP CONSTRAINT IF EXISTS stages_name_key")
