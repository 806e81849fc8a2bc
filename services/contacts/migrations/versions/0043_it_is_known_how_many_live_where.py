"""PostgreSQL knows how many have a city, a label of an address, a role: as 0036 and 0038 have it of other words."""

from alembic import op

revision = "0043"
down_revision = "0042"

COMPARED = {
    "contacts": ("membership_number",),
    "addresses": ("city", "region", "postal_code", "street", "label"),
    "affiliations": ("title",),
}


def upgrade() -> None:
    for table, names in COMPARED.items():
        for name in names:
            op.execute(f"CREATE STATISTICS IF NOT EXISTS {table}_lower_{name} ON (lower({name})) FROM {table}")
    with op.get_context().autocommit_block():
        op.execute("ANALYZE addresses, affiliations")  # they change too seldom to wait for it
