"""A message may be to a team member about a contact, and then is no word exchanged with the contact."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("messages", sa.Column("audience", sa.Text, nullable=False, server_default="contact"))
