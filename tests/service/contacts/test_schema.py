"""The migrations make the tables that the models describe."""

from __future__ import annotations

import pkgutil
from importlib import import_module

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import services.contacts
from chassis import tables
from services.contacts.base import Base

for _room in pkgutil.walk_packages(services.contacts.__path__, "services.contacts."):
    if _room.name.endswith(".model"):
        import_module(_room.name)

BESIDE_THE_POINT = {"modify_comment", "add_index", "remove_index"}
"""Indexes are compared by name below: the expressions of some read back otherwise than they were written."""


def test_the_migrated_tables_are_those_of_the_models(database):
    with database("contacts").connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, [Base.metadata, tables.metadata])
    changes = [change for step in found for change in (step if isinstance(step, list) else [step])]
    assert [change for change in changes if change[0] not in BESIDE_THE_POINT] == []


def test_the_migrated_indexes_are_those_of_the_models(database):
    there = sa.inspect(database("contacts"))
    for table in Base.metadata.sorted_tables:
        migrated = {index["name"] for index in there.get_indexes(table.name) if "duplicates_constraint" not in index}
        assert migrated == {index.name for index in table.indexes}, table.name
