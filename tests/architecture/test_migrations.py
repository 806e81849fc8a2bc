"""A migration runs while the old version serves: from now on squawk reads each before it runs (decision 0722)."""

from __future__ import annotations

import io
import json
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import Script, ScriptDirectory

from chassis.config import SERVICES
from chassis.migrate import script_of
from local import CHECKOUT

pytestmark = pytest.mark.requirement("O02", "O04")
SQUAWK = Path(sysconfig.get_path("scripts")) / "squawk"
READ_AFTER = {"contacts": "0046", "pipeline": "0014", "billing": "0030", "documents": "0005", "notifications": "0006"}
"""The migrations before squawk was here; those behind are read."""
REFUSED = {
    "adding-required-field": ("ADD due date NOT NULL", "what the old version inserts has no such value"),
    "adding-not-nullable-field": ("ALTER due SET NOT NULL", "every row is looked at while nobody reads or writes"),
    "adding-field-with-default": ("ADD key uuid DEFAULT gen_random_uuid()", "every row is written anew meanwhile"),
    "adding-foreign-key-constraint": ("ADD FOREIGN KEY (a) REFERENCES b (id)", "every row of two tables is looked at"),
    "constraint-missing-not-valid": ("ADD CONSTRAINT c CHECK (due > 0)", "every row is looked at while nobody writes"),
    "changing-column-type": ("ALTER due TYPE text", "rows are written anew, and the old version knows another type"),
    "disallowed-unique-constraint": ("ADD UNIQUE (number)", "an index is built while nobody reads or writes"),
    "ban-drop-column": ("DROP due", "the old version still asks for it"),
    "renaming-column": ("RENAME due TO owed", "the old version still asks for it"),
    "renaming-table": ("RENAME TO bills", "the old version still asks for it"),
    "ban-drop-table": ("DROP TABLE invoices", "the old version still asks for it"),
    "require-concurrent-index-creation": ("CREATE INDEX due ON invoices (due)", "nobody writes while it is built"),
    "ban-concurrent-index-creation-in-transaction": (
        "CREATE INDEX CONCURRENTLY due ON invoices (due)", "PostgreSQL refuses it: op.get_context().autocommit_block()"
    ),
}  # fmt: skip
"""Squawk's other rules are of style, or ask for what every migration gets: chassis.migrate sets the lock timeout."""


HASTY = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None


def upgrade() -> None:
    op.add_column("invoices", sa.Column("due", sa.Date, nullable=False))
"""


def as_sql(script: ScriptDirectory, revision: Script) -> str:
    """What a migration says to PostgreSQL, without one; what asks the database first cannot be said so."""
    said = io.StringIO()
    context = EnvironmentContext(Config(), script, as_sql=True, starting_rev=revision.down_revision)
    context.configure(
        dialect_name="postgresql", literal_binds=True, transaction_per_migration=True, output_buffer=said,
        fn=lambda current, _: script._upgrade_revs(revision.revision, current),  # type: ignore[arg-type]
    )  # fmt: skip
    with context.begin_transaction():
        context.run_migrations()
    return said.getvalue()


def complaints(sql: str) -> Iterator[str]:
    """What is wrong with it, line by line."""
    command = [SQUAWK, "--reporter=json", "--pg-version=18", "--stdin-filepath=migration.sql"]
    read = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
    assert read.stdout, read.stderr
    for found in json.loads(read.stdout):
        if found["rule_name"] in REFUSED:
            yield found["rule_name"]


def new_ones() -> Iterator[tuple[ScriptDirectory, Script]]:
    for service in SERVICES:
        script = script_of(service)
        yield from ((script, found) for found in script.walk_revisions() if found.revision > READ_AFTER[service])


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_stand_in_one_row(service: str) -> None:
    script = script_of(service)
    versions = [Path(each) for each in script.version_locations]
    written = {file.stem for folder in versions for file in folder.glob("[0-9]*.py")}
    in_a_row = {Path(found.path).stem for found in script.walk_revisions()}
    assert written - in_a_row == set(), "two have one number"
    assert len(script.get_heads()) == 1, "two follow one"


def test_every_migration_from_now_on_is_safe_beside_the_old_version() -> None:
    found = [
        f"{Path(revision.path).relative_to(CHECKOUT)}: {rule}: {REFUSED[rule][1]}"
        for script, revision in new_ones()
        for rule in complaints(as_sql(script, revision))
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("rule", REFUSED)
def test_what_would_harm_the_old_version_is_refused(rule: str) -> None:
    said = REFUSED[rule][0]
    sql = said if said.startswith(("CREATE", "DROP TABLE")) else f"ALTER TABLE invoices {said}"
    assert rule in set(complaints(f"BEGIN; {sql}; COMMIT;"))


@pytest.mark.parametrize(
    "sql",
    [
        "BEGIN; ALTER TABLE invoices ADD due date; ALTER TABLE invoices ADD version bigint NOT NULL DEFAULT 1; COMMIT;",
        "BEGIN; CREATE TABLE bills (due date NOT NULL); CREATE INDEX due ON bills (due); COMMIT;",
        "BEGIN; COMMIT; CREATE INDEX CONCURRENTLY due ON invoices (due); BEGIN; COMMIT;",
        "BEGIN;\n-- squawk-ignore ban-drop-column\nALTER TABLE invoices DROP COLUMN due;\nCOMMIT;",
    ],
    ids=["what may be left out is added", "a new table", "an index beside writers", "a release later, and said so"],
)
def test_what_does_the_old_version_no_harm_is_not(sql: str) -> None:
    assert list(complaints(sql)) == []


def test_alembics_own_operations_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001_due.py").write_text(HASTY)
    script = script_of("billing", tmp_path / "versions")
    [revision] = script.walk_revisions()
    assert list(complaints(as_sql(script, revision))) == ["adding-required-field"]
