"""Things that a rule may name, by their name or by their id."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Uuid, or_, select

from services.contacts.finding.queries.almanac import among
from services.contacts.finding.rules.values import read_id


def named(
    column: Any, ids: Any, names: Any, key_of: Callable[[str], str]
) -> Callable[[list[str]], ColumnElement[bool]]:
    """The column is the id of something that has one of the values as its name, as `key_of` makes it, or as its id."""

    def condition(values: list[str]) -> ColumnElement[bool]:
        told = [found for value in values if (found := read_id(value))]
        by_name = among(names, [key_of(value) for value in values])
        return column.in_(select(ids).where(or_(by_name, among(ids, told, Uuid(as_uuid=False))) if told else by_name))

    return condition
