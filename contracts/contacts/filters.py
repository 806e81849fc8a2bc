"""The filter language: react-querybuilder's rule groups, the same for search, segments, bulk actions and exports."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, NoReturn

from marshmallow import ValidationError, fields

DEEPEST = 8
"""So many groups at most stand within each other."""
MOST_RULES = 200
LONGEST_TEXT = 500
MOST_VALUES = 500
_GROUP = {"combinator", "not", "rules"}
_RULE = {"field", "operator", "value"}
_IGNORED = {"id", "path", "valueSource"}
_INT8 = 2**63

Path = tuple[str | int, ...]

_SHAPE = {
    "properties": {
        "combinator": {"type": "string", "enum": ["and", "or"], "default": "and"},
        "not": {"type": "boolean", "default": False},
        "rules": {"type": "array", "items": {"type": "object"}, "maxItems": MOST_RULES},
    },
    "required": ["rules"],
    "description": "A group of rules: `{combinator, not, rules}`, each rule `{field, operator, value}` or a group "
    f"again, {DEEPEST} deep and {MOST_RULES} rules at most. `GET /v1/filter-fields` tells fields and operators.",
}


class Filter(fields.Dict):
    """A filter as react-querybuilder writes it.

    Judges the shape alone; whether fields, operators and values make sense, the service that answers says.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata=_SHAPE | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        return read_group(value)


class FilterText(fields.String):
    """The same as JSON text, for the query of a web address; a caller that has the object may give that."""

    def __init__(self, **kwargs: Any) -> None:
        told = {"description": f"URL-encoded JSON. {_SHAPE['description']}"}
        super().__init__(metadata=told | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return read_group(_parsed(value) if isinstance(value, str) else value)


def read_group(group: Any) -> dict[str, Any]:
    """Give the group with nothing in it but what the language knows; else raise ValidationError with its place."""
    faults: dict[Path, str] = {}
    rules = [0]
    plain = _group(group, (), 1, rules, faults)
    if faults:
        raise ValidationError(_nested(faults))
    return plain


def leaves_nobody_out(group: Mapping[str, Any]) -> bool:
    """Whether a filter that was read lets everybody through whatever its rules ask, as one without rules does."""
    return _known_answer(group) is True


def _known_answer(member: Mapping[str, Any]) -> bool | None:
    """What a group without rules answers, and what follows for those around it; None: its rules have to be asked."""
    if "rules" not in member:
        return None
    answers = [_known_answer(one) for one in member["rules"]] or [True]
    deciding = member["combinator"] == "or"  # one True decides an “or”, one False an “and”
    if deciding in answers:
        answer: bool | None = deciding
    else:
        answer = None if None in answers else not deciding
    return answer if answer is None else answer != member["not"]


def _group(group: Any, at: Path, depth: int, count: list[int], faults: dict[Path, str]) -> dict[str, Any]:
    if not isinstance(group, Mapping) or not isinstance(group.get("rules"), list):
        faults[at] = "A group of rules is needed: {combinator, not, rules}."
        return {}
    _refuse_unknown(group, _GROUP, at, faults)
    combinator, negated = group.get("combinator", "and"), group.get("not", False)
    if combinator not in ("and", "or"):
        faults[*at, "combinator"] = "Either “and” or “or”."
    if not isinstance(negated, bool):
        faults[*at, "not"] = "Either true or false."
    if depth > DEEPEST:
        faults[at] = f"Groups stand at most {DEEPEST} deep."
        return {}
    members = []
    for place, member in enumerate(group["rules"]):
        count[0] += 1
        if count[0] > MOST_RULES:
            faults[*at, "rules"] = f"At most {MOST_RULES} rules in one filter."
            break
        below: Path = (*at, "rules", place)
        is_group = isinstance(member, Mapping) and "rules" in member
        members.append(_group(member, below, depth + 1, count, faults) if is_group else _rule(member, below, faults))
    return {"combinator": combinator, "not": negated, "rules": members}


def _rule(rule: Any, at: Path, faults: dict[Path, str]) -> dict[str, Any]:
    if not isinstance(rule, Mapping):
        faults[at] = "A rule is needed: {field, operator, value}."
        return {}
    _refuse_unknown(rule, _RULE, at, faults)
    for name in ("field", "operator"):
        if not isinstance(rule.get(name), str) or not 0 < len(rule[name]) <= 100 or not _clean(rule[name]):
            faults[*at, name] = "A name is needed."
    if rule.get("valueSource", "value") != "value":
        faults[*at, "valueSource"] = "Only values are compared with, not other fields."
    value = rule.get("value")
    _judge_value(value, (*at, "value"), faults)
    return {"field": rule.get("field"), "operator": rule.get("operator"), "value": value}


def _judge_value(value: Any, at: Path, faults: dict[Path, str]) -> None:
    """A scalar, a list of scalars, or a flat object of them such as `{n, unit}`."""
    if isinstance(value, list):
        if len(value) > MOST_VALUES:
            faults[at] = f"At most {MOST_VALUES} values."
        else:
            for place, member in enumerate(value):
                _judge_scalar(member, (*at, place), faults)
    elif isinstance(value, Mapping):
        if len(value) > 4 or not all(isinstance(name, str) and len(name) <= 20 for name in value):
            faults[at] = "Too many members."
        else:
            for name, member in value.items():
                _judge_scalar(member, (*at, name), faults)
    else:
        _judge_scalar(value, at, faults)


def _judge_scalar(value: Any, at: Path, faults: dict[Path, str]) -> None:
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            faults[at] = f"At most {LONGEST_TEXT} characters."
        elif not _clean(value):
            faults[at] = "Control characters and lone surrogates are not allowed."
    elif isinstance(value, (int, float)):
        if not -_INT8 <= value < _INT8:
            faults[at] = "This number is too large."
    elif value is not None:
        faults[at] = "Text, a number, true or false is needed."


def _refuse_unknown(given: Mapping[str, Any], known: set[str], at: Path, faults: dict[Path, str]) -> None:
    for name in given:
        if name not in known and name not in _IGNORED:
            faults[*at, str(name)[:100]] = "Unknown field."


def _clean(text: str) -> bool:
    return not any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ValidationError("This is not JSON.") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON.")


def _nested(faults: Mapping[Path, str]) -> Any:
    """Marshmallow's nested messages; a fault in a group stands for those below it."""
    if () in faults:
        return [faults[()]]
    messages: dict[Any, Any] = {}
    for path, text in sorted(faults.items(), key=lambda fault: len(fault[0])):
        inner: Any = messages
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
            if isinstance(inner, list):
                break
        else:
            inner.setdefault(path[-1], [text])
    return messages
