"""Who uses whose membership, as billing tells."""

from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE shared_seats (
            seat_id uuid PRIMARY KEY,
            subscription_id uuid NOT NULL,
            contact_id uuid NOT NULL,
            owner_id uuid NOT NULL,
            name text NOT NULL,
            "left" boolean NOT NULL,
            told_at bigint NOT NULL
        )
    """)
    for whose in ("contact", "owner", "subscription"):
        op.execute(f'CREATE INDEX shared_seats_of_{whose} ON shared_seats ({whose}_id) WHERE NOT "left"')
