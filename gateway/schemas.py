"""The contracts' marshmallow schemas as JSON Schema, for both documents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin, OpenAPIConverter
from marshmallow import Schema as AnySchema, fields

from contracts.language import Schema

REF = "#/components/schemas/"


def is_our_own(field: fields.Field) -> bool:
    """Whether the gateway alone says it, or a service that asks another, so that it is no part of the public API."""
    return field.metadata.get("filled_by") in ("gateway", "service")


class Shelf:
    """A specification in the making, and the names that its schemas have in it.

    `answers` are the schemas of what is answered: theirs alone may have members that a newer version added.
    """

    def __init__(self, title: str, description: str, takes: Iterable[type[Schema]], gives: Iterable[type[Schema]]):
        self.asked, self.answered = set(_reachable(takes)), set(_reachable(gives))
        self.plugin = MarshmallowPlugin(schema_name_resolver=self._name_of)
        self.spec = APISpec(
            title=title, version="1.0.0", openapi_version="3.1.0", plugins=[self.plugin],
            info={"description": description},
        )  # fmt: skip
        self._names: dict[str, type[AnySchema]] = {}
        self._open: set[str] = set()

    @property
    def converter(self) -> OpenAPIConverter:
        assert self.plugin.converter is not None
        return self.plugin.converter

    def schema_of(self, schema: type[Schema] | Schema) -> dict[str, Any]:
        """A reference to the schema, which is put on the shelf with everything that it holds."""
        return self.converter.resolve_nested_schema(schema)

    def property_of(self, field: fields.Field) -> dict[str, Any]:
        return tidy(self.converter.field2property(field))

    def document(self) -> dict[str, Any]:
        """Everything so far, in plain JSON values."""
        document = tidy(self.spec.to_dict())
        for name in self._open:
            document["components"]["schemas"][name].pop("additionalProperties", None)
        return document

    def _name_of(self, schema: Any) -> str:
        kind = schema if isinstance(schema, type) else type(schema)
        name = kind.__name__.lstrip("_")
        if self._names.setdefault(name, kind) is not kind:
            name = kind.__module__.split(".")[1].capitalize() + name
            self._names.setdefault(name, kind)
        if kind not in self.asked:
            self._open.add(name)
        return name


def _reachable(schemas: Iterable[type[AnySchema]]) -> Iterator[type[AnySchema]]:
    todo, seen = list(schemas), set()
    while todo:
        schema = todo.pop()
        if schema in seen:
            continue
        seen.add(schema)
        yield schema
        todo += [nested for field in schema().fields.values() for nested in _nested(field)]


def _nested(field: fields.Field) -> Iterator[type[AnySchema]]:
    if isinstance(field, fields.Nested):
        yield type(field.schema)
    elif isinstance(field, fields.List):
        yield from _nested(field.inner)
    elif isinstance(field, fields.Dict) and field.value_field:
        yield from _nested(field.value_field)


def tidy(value: Any) -> Any:
    """Plain JSON values, and patterns in the dialect of JSON Schema (ECMA 262), which has no \\A and \\Z."""
    if isinstance(value, dict):
        return {
            str(name): _ecma(member) if name == "pattern" and isinstance(member, str) else tidy(member)
            for name, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [tidy(member) for member in value]
    return value


def _ecma(pattern: str) -> str:
    return re.sub(r"\\Z", "$", re.sub(r"\\A", "^", pattern))


def sentence(text: str | None) -> str:
    """The first paragraph of a docstring on one line."""
    return " ".join((text or "").strip().split("\n\n")[0].split())


def own_words(schema: type[Schema]) -> str:
    """What a schema's docstring says, if it has one of its own."""
    return sentence(vars(schema).get("__doc__"))
