"""Answers are written in our own way, and are what marshmallow itself makes of the same things."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from types import SimpleNamespace
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from marshmallow import Schema as MarshmallowSchema, fields, missing, post_dump

from contracts.catalogue import all_events, all_rpcs
from contracts.language import Moment, Schema

NOON = dt.datetime(2026, 11, 22, 12, 0, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=2)))
OF_EACH: dict[type[fields.Field], list[Any]] = {
    fields.String: ["Zoë", "", b"Zo\xc3\xab", 7],
    fields.UUID: ["01900000-0000-7000-8000-000000000000", UUID(int=7)],
    fields.Integer: [0, 7, True, "7", Decimal(7)],
    fields.Float: [0.5, 7, "0.5"],
    fields.Boolean: [True, False, 1],
    fields.AwareDateTime: [NOON, NOON.astimezone(dt.UTC)],
    fields.Date: [dt.date(2026, 11, 22)],
    fields.Time: [dt.time(9, 30)],
    fields.NaiveDateTime: [NOON.replace(tzinfo=None)],
    fields.Dict: [{}],
    fields.Raw: [{"a": [1]}, "text", NOON],
}


def with_nested(kinds: set[type]) -> set[type]:
    """Marshmallow writes nested things by their schema's own way, which is ours: each is tried by itself as well."""
    inner = {getattr(field, "inner", field) for kind in kinds for field in kind().dump_fields.values()}
    found = {type(field.schema) for field in inner if isinstance(field, fields.Nested)}
    return kinds if found <= kinds else with_nested(kinds | found)


SCHEMAS = sorted(with_nested({rpc.gives for rpc in all_rpcs()} | {event.data for event in all_events()}), key=repr)


def of_marshmallow(schema: Any, thing: Any, many: bool = False) -> Any:
    return MarshmallowSchema._serialize(schema, thing, many=many)


def values_for(field: fields.Field, depth: int) -> Iterator[Any]:
    if isinstance(field, fields.Nested):
        things = list(islice(things_for(field.schema, depth + 1), 2 - depth))
        yield from ([things] if field.many else things)
    elif isinstance(field, fields.List):
        yield [value for value in values_for(field.inner, depth) if value is not missing]
    else:
        yield from next((some for kind, some in OF_EACH.items() if isinstance(field, kind)), [None])
    yield from (None, missing)


def things_for(schema: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """So many things that every value of every member is in one of them."""
    members = {field.attribute or name: list(values_for(field, depth)) for name, field in schema.dump_fields.items()}
    for n in range(max(map(len, members.values()), default=1)):
        thing = {name: values[n % len(values)] for name, values in members.items()}
        yield {name: value for name, value in thing.items() if value is not missing}


@pytest.mark.parametrize("kind", SCHEMAS, ids=lambda kind: kind.__name__)
def test_every_answer_and_event_is_written_as_marshmallow_would(kind):
    schema = kind()
    for thing in things_for(schema):
        plain = of_marshmallow(schema, thing)
        assert schema.dump(thing) == plain
        assert list(schema.dump(thing)) == list(plain)  # in the same order, so that the bytes are the same
        assert schema.dump(SimpleNamespace(**thing)) == plain


class Leaf(Schema):
    name = fields.String(dump_default="nameless")
    of = fields.Nested(lambda: Leaf(exclude=("of",)))


class Unusual(Schema):
    renamed = fields.String(attribute="name", data_key="label")
    further = fields.String(attribute="leaf.name")
    made = fields.Function(lambda thing: 7)
    counted = fields.Integer(as_string=True, dump_default=lambda: 3)
    leaves = fields.Nested(Leaf, many=True)
    at = Moment()
    secret = fields.String(load_only=True)

    @post_dump
    def _closed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return data | {"closed": True}


class Row(NamedTuple):
    name: str
    leaf: Any
    leaves: Any
    at: Any
    counted: Any = missing


def test_so_are_members_of_other_names_defaults_ways_through_objects_and_what_is_done_afterwards():
    leaf = {"name": "Zoë", "of": {"of": {"name": "deeper"}}}
    row = Row("Ada", SimpleNamespace(name="Bea"), [leaf, {}], NOON)
    for thing in (row, row._asdict()):
        told = Unusual().dump(thing)
        assert told == of_marshmallow(Unusual(), thing) | {"closed": True}
        assert (told["label"], told["made"]) == ("Ada", 7)
        assert told["counted"] == "3"
        assert told["leaves"] == [{"name": "Zoë", "of": {"name": "nameless"}}, {"name": "nameless"}]
    assert Unusual().dump(row)["further"] == "Bea"
    assert Leaf(many=True).dump([leaf, {}]) == of_marshmallow(Leaf(), [leaf, {}], many=True)
