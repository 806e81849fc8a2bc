"""Notes by age, and the bookings of one state by time, have an index each."""

from alembic import op

revision = "0030"
down_revision = "0029"

INDEXES = {
    "notes_of_contact_by_age": "notes (contact_id, id)",
    "bookings_by_state": "bookings (state, starts_at, id)",
}


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        for name, where in INDEXES.items():
            op.execute(f"DROP INDEX IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {where}")
