"""The last day of what was sold for a time; what was sold before gets it from the version that it was sold in."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE assignments ADD COLUMN expires_on date")
    op.execute("""
        UPDATE assignments SET expires_on = since + valid_days
        FROM package_versions AS sold
        WHERE sold.package_id = assignments.package_id AND sold.version = package_version
            AND since IS NOT NULL AND valid_days IS NOT NULL""")
    op.execute("CREATE INDEX assignments_to_end ON assignments (expires_on) WHERE state = 'active'")
