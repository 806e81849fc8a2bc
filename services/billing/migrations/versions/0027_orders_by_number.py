"""Orders are listed by their numbers. Apart from drafts: what is looked through at length locks nobody out."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT orders_drafts")
        for name, column in (("orders_placed_by_contact", "contact_id"), ("orders_placed_by_state", "state")):
            op.execute(f"DROP INDEX IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON orders ({column}, number)")
