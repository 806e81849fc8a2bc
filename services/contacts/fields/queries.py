"""Which custom fields there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import NotFound
from services.contacts.fields.model import CustomField
from services.contacts.fields.rules import Field, Fields

_fields: Any = CustomField.__table__
_DEFINITIONS = select(
    _fields.c.key, _fields.c.label, _fields.c.type, _fields.c.choices, _fields.c.applies_to, _fields.c.archived_at
)


def fields_of_keys(work: Any, keys: Iterable[str]) -> Fields:
    """The fields of these keys, archived or not; inside a write nobody changes them until it ends."""
    possible = sorted(key for key in set(keys) if key.isprintable())  # PostgreSQL takes no NUL
    wanted = _DEFINITIONS.where(_fields.c.key.in_(possible)).order_by(_fields.c.key)
    return _found(work, wanted.with_for_update(read=True))


def all_fields(work: Any, *, archived: bool = False) -> Fields:
    """Every field in use, in the order in which they were made; with `archived` also those that are not."""
    wanted = _DEFINITIONS.order_by(_fields.c.id)
    return _found(work, wanted if archived else wanted.where(_fields.c.archived_at.is_(None)))


def _found(work: Any, wanted: Select[Any]) -> Fields:
    return {
        row.key: Field(row.key, row.label, row.type, tuple(row.choices or ()), row.applies_to, bool(row.archived_at))
        for row in work.session.execute(wanted)
    }


def get_custom_field(work: Any, request: Any) -> CustomField:
    """Answer one field."""
    field = work.session.get(CustomField, request.custom_field_id)
    if field is None:
        raise NotFound("There is no such custom field.")
    return field


def list_custom_fields(work: Any, request: Any) -> dict[str, Any]:
    """A page of fields."""
    archived = CustomField.archived_at.is_not(None) if request.archived else CustomField.archived_at.is_(None)
    statement = narrowed(select(CustomField).where(archived), request, CustomField.type)
    keys = keys_for(request.sort, oldest=[CustomField.id], label=[CustomField.label_key, CustomField.id])
    return page_of(work, statement, keys, request)
