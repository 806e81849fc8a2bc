"""docs/scale.md is true: what cannot be spread by contact, and what asks about everybody, is named there."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from chassis import tables
from chassis.config import SERVICES
from contracts.catalogue import all_rpcs
from contracts.language import Rpc
from local import CHECKOUT

PAGE = (CHECKOUT / "docs" / "scale.md").read_text()
WHOSE = {"contacts": "id"}
"""Where the contact stands in a table that has no column of that name."""
BY_RECORD = {"token", "code"}
"""What names one record as an id does."""


def named_under(section: str) -> set[str]:
    """What a section of the page names in backticks."""
    [text] = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
    return set(re.findall(r"`([^`]+)`", text))


def all_tables() -> Iterator[tuple[str, sa.Table]]:
    for service in SERVICES:
        importlib.import_module(f"services.{service}.service")
        base = importlib.import_module(f"services.{service}.base").Base
        yield from ((service, table) for table in base.metadata.sorted_tables)
    yield from (("chassis", table) for table in tables.metadata.sorted_tables)


def contact_of(table: sa.Table) -> str | None:
    """The column by which a table is spread."""
    name = WHOSE.get(table.name, "contact_id")
    return name if name in table.c else None


def uniques_of(table: sa.Table) -> Iterator[list[Any]]:
    yield list(table.primary_key.columns)
    yield from (list(rule.columns) for rule in table.constraints if isinstance(rule, sa.UniqueConstraint))
    yield from (list(index.expressions) for index in table.indexes if index.unique)


def of_a_value(columns: Iterable[sa.ColumnElement[object]]) -> bool:
    """Whether uniqueness is of something that people write or count, and not of a record, which is one contact's."""
    return not any(isinstance(column.type, sa.Uuid) for column in columns)


def about_everybody(rpc: Rpc) -> bool:
    """Whether a question names neither a contact nor a record."""
    asked = rpc.takes().fields
    named = any(field.required and (name.endswith("_id") or name in BY_RECORD) for name, field in asked.items())
    return not (rpc.writes or named or "contact_id" in asked)


@pytest.mark.requirement("O04")
def test_every_table_without_a_contact_is_named_with_its_place() -> None:
    known = named_under("What stays in one place") | named_under("What is copied to every node")
    assert {table.name for _, table in all_tables() if contact_of(table) is None} - known == set()


def test_no_table_is_named_that_could_be_spread() -> None:
    spread = {table.name for _, table in all_tables() if contact_of(table)}
    assert spread & (named_under("What stays in one place") | named_under("What is copied to every node")) == set()


def test_what_is_unique_over_all_contacts_is_named() -> None:
    """Citus wants the column that spreads a table in each of its unique constraints."""
    found = {
        f"{service}.{table.name}({', '.join(str(getattr(column, 'name', column)) for column in columns)})"
        for service, table in all_tables()
        for columns in uniques_of(table)
        if (whose := contact_of(table)) and whose not in {getattr(one, "name", "") for one in columns}
        if of_a_value(columns)
    }
    assert found ^ {name for name in named_under("What is unique over all contacts") if "(" in name} == set()


def test_every_question_about_everybody_is_named() -> None:
    named = named_under("Questions about everybody") | named_under("Questions about what is managed")
    asked = {str(rpc) for rpc in all_rpcs() if rpc.service in SERVICES and about_everybody(rpc)}
    assert asked - named == set(), (
        "answered by a replica, or about a few rows that every node has? docs/scale.md says it"
    )
    assert {name for name in named if "." in name} - {str(rpc) for rpc in all_rpcs()} == set(), "no longer asked"
