"""The business's own fields: `fields.<key>`, each of the type that the business gave it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Numeric, Text, TypeDecorator, case, cast, func, select, type_coerce

from services.contacts.fields.model import CustomField
from services.contacts.finding.queries.fields import Field, contacts

PREFIX = "fields."
_custom: Any = CustomField.__table__
_values: Any = contacts.c.fields


class _WrittenDay(TypeDecorator[dt.date]):
    """A date as it stands in JSON; such texts sort as their dates do."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return value and value.isoformat()


def custom_fields(work: Any, names: Iterable[str] | None) -> dict[str, Field]:
    """Those of these names that there are, archived or not; without names all."""
    statement = select(_custom.c.key, _custom.c.label, _custom.c.type, _custom.c.choices, _custom.c.archived_at)
    if names is not None:
        keys = [name.removeprefix(PREFIX) for name in names if name.startswith(PREFIX)]
        if not keys:
            return {}
        statement = statement.where(_custom.c.key.in_(keys))
    rows = work.session.execute(statement.order_by(_custom.c.id))
    return {PREFIX + row.key: _field(row) for row in rows}


def _field(row: Any) -> Field:
    return Field(
        name=PREFIX + row.key,
        label=row.label,
        type=row.type,
        section="Custom fields",
        column=_column(row.key, row.type),
        holds=None if row.type in ("text", "date") else lambda value: _values.contains({row.key: _kept(value)}),
        offers=(lambda _: [(choice, choice) for choice in row.choices]) if row.choices else None,
        hidden=row.archived_at is not None,
    )


def _kept(value: Any) -> Any:
    """As it stands in JSON, where a number that is not whole is kept as a float."""
    return float(value) if isinstance(value, Decimal) else value


def _column(key: str, kind: str) -> Any:
    written = _values[key].astext
    if kind == "number":
        return case((func.jsonb_typeof(_values[key]) == "number", cast(written, Numeric)))
    if kind == "yes_no":
        return case((func.jsonb_typeof(_values[key]) == "boolean", cast(written, Boolean)))
    return type_coerce(written.collate("C"), _WrittenDay) if kind == "date" else written
