"""How a template becomes a text: merge fields are filled in, and nothing else can happen."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.environment import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from contracts.documents.templates import MERGE_FIELDS
from contracts.errors import Invalid

MOST_FIELDS = 500
"""So many merge fields at most has one template, which bounds the text that it can become."""

_WORDS = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr)
"""No conditions, loops, filters or calls: an agreement costs no more than its length, and reads as it was written."""

_environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_environment.globals.clear()


def check(body: str) -> None:
    """Refuse a body that could not be filled in, naming the line."""
    try:
        fields = _fields_of(_environment.parse(body))
    except TemplateSyntaxError as error:
        raise _refused(error.lineno, error.message or "not understood") from None
    except RecursionError:
        raise Invalid.field("/body", "Nested too deeply.") from None
    for line, field in fields:
        if field not in MERGE_FIELDS:
            raise _refused(line, f"There is no merge field {field}. There are: {', '.join(MERGE_FIELDS)}.")
    if len(fields) > MOST_FIELDS:
        raise Invalid.field("/body", f"More than {MOST_FIELDS} merge fields.")
    if not fill(body, dict.fromkeys(MERGE_FIELDS, "x")):
        raise Invalid.field("/body", "Nothing of it would be shown.")


def fill(body: str, values: Mapping[str, str]) -> str:
    """Put the values, one for each of MERGE_FIELDS by its dotted name, into a body that was checked."""
    merge: dict[str, object] = {}
    for field, value in values.items():
        thing, _, part = field.partition(".")
        merge[thing] = {**merge.get(thing, {}), part: value} if part else value  # type: ignore[dict-item]
    return _compiled(body).render(merge).strip()


def _fields_of(tree: nodes.Template) -> list[tuple[int, str]]:
    """The merge fields with their lines; anything but a merge field is refused."""
    fields = []
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _WORDS):
            raise _refused(node.lineno, "Only merge fields can be used: " + ", ".join(MERGE_FIELDS) + ".")
        if isinstance(node, nodes.Output):
            fields += [(part.lineno, _dotted(part)) for part in node.nodes if not isinstance(part, nodes.TemplateData)]
    return fields


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return "…"


def _refused(line: int, detail: str) -> Invalid:
    return Invalid.field("/body", f"Line {line}: {detail}")


@lru_cache(maxsize=32)
def _compiled(body: str) -> Template:
    return _environment.from_string(body)
