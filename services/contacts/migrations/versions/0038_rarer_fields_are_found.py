"""Customer since, the way in and the pricing option have an index; and it is known how many have a source."""

from alembic import op

revision = "0038"
down_revision = "0037"

INDEXES = {
    "contacts_customer_since": "contacts (customer_since) WHERE customer_since IS NOT NULL",
    "contacts_of_acquisition": "contacts (acquisition, standing, id)",
    "facts_pricing_option": "facts (lower(pricing_option)) WHERE pricing_option IS NOT NULL",
}
COMPARED = {
    "contacts": ("source", "location", "industry"),
    "facts": ("membership", "pricing_option", "stage", "last_contact_channel"),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        for name, where in INDEXES.items():
            op.execute(f"DROP INDEX IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {where}")
    for table, names in COMPARED.items():  # as 0036 has it: without letter case nothing is known of them otherwise
        for name in names:
            op.execute(f"CREATE STATISTICS IF NOT EXISTS {table}_lower_{name} ON (lower({name})) FROM {table}")
