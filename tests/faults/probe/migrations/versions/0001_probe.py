"""Marks, and what followed from them; nothing is unique, so that whatever is done twice is seen twice."""

import sqlalchemy as sa
from alembic import op

from chassis import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    tables.create(op)
    for table, *columns in (("marks", "mark"), ("effects", "listener", "mark")):
        texts = [sa.Column(name, sa.Text, nullable=False) for name in columns]
        op.create_table(table, sa.Column("number", sa.BigInteger, sa.Identity(), primary_key=True), *texts)
