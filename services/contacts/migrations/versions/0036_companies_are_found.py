"""The few companies among many people have an index; and PostgreSQL knows which names and words many contacts have."""

from alembic import op

revision = "0036"
down_revision = "0035"

INDEXES = {
    "contacts_companies": "contacts (standing, id) WHERE kind = 'company'",
    "contacts_companies_by_name": "contacts (standing, sort_name, id) WHERE kind = 'company'",
}
COMPARED = ("display_name", "first_name", "last_name", "preferred_name", "name", "gender", "website")


def upgrade() -> None:
    with op.get_context().autocommit_block():  # the old version goes on writing
        for name, where in INDEXES.items():
            op.execute(f"DROP INDEX IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON {where}")
    for name in COMPARED:  # they are compared without letter case: of that nothing is known but by this
        op.execute(f"CREATE STATISTICS IF NOT EXISTS contacts_lower_{name} ON (lower({name})) FROM contacts")
