"""The migrations make the tables that the models describe."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import services.pipeline.service  # noqa: F401 (all models)
from chassis import tables
from services.acquaintance import known_contacts
from services.acquaintance.model import known_settings
from services.pipeline.base import Base
from tests.house.living import LivingHouse


def test_the_migrated_tables_and_indexes_are_those_of_the_models(pipeline: LivingHouse) -> None:
    engine = pipeline.database("pipeline")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(
            context, [Base.metadata, tables.metadata, known_contacts.metadata, known_settings.metadata]
        )
    changes = [change for step in found for change in (step if isinstance(step, list) else [step])]
    assert [change for change in changes if change[0] != "modify_comment"] == []
    there = sa.inspect(engine)
    for table in Base.metadata.sorted_tables:
        migrated = {index["name"] for index in there.get_indexes(table.name) if "duplicates_constraint" not in index}
        assert migrated == {index.name for index in table.indexes}, table.name
