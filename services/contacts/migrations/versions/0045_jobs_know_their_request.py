"""A job remembers the request that it comes of, for its log lines and its events."""

from alembic import op

from chassis.tables import let_jobs_know_their_request

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    let_jobs_know_their_request(op)
