"""What can be filtered by, in the words of react-querybuilder."""

from __future__ import annotations

from typing import Any

from services.contacts.finding.queries.catalogue import fields_of
from services.contacts.finding.queries.fields import Field
from services.contacts.finding.rules.operators import OPERATORS, Operator

_INPUTS = {
    "text": "text", "number": "number", "age": "number", "date": "date", "birthday": "date",
    "moment": "datetime-local", "tally": "number",
}  # fmt: skip
_CHOOSING = ("choice", "set")


def list_filter_fields(work: Any, _request: Any) -> dict[str, Any]:
    """Every field that whoever asks may filter by, with its operators, and its values as they are now."""
    offered = [field for field in fields_of(work).values() if not field.hidden]
    return {"items": [_shown(work, one) for one in offered if one.needs is None or work.actor.may(one.needs)]}


def _shown(work: Any, field: Field) -> dict[str, Any]:
    values = _values(work, field)
    shown = {
        "name": field.name,
        "label": field.label,
        "section": field.section,
        "type": field.type,
        "needs": field.needs,
        "inputType": None if field.type in _CHOOSING else _INPUTS.get(field.type),
        "valueEditorType": _editor(field, values),
        "operators": [_operator(operator) for operator in OPERATORS[field.type]],
    }
    return shown if values is None else shown | {"values": values}


def _editor(field: Field, values: list[dict[str, Any]] | None) -> str:
    if field.type == "yes_no":
        return "checkbox"
    return "text" if values is None else "select"


def _values(work: Any, field: Field) -> list[dict[str, Any]] | None:
    if field.offers is not None:
        return [{"name": name, "label": label} for name, label in field.offers(work)]
    if field.choices:
        return [{"name": name, "label": name.replace("_", " ").capitalize()} for name in field.choices]
    return None


def _operator(operator: Operator) -> dict[str, Any]:
    arity = {"arity": "unary"} if operator.takes == "nothing" else {}
    return {"name": operator.name, "label": operator.label, "takes": operator.takes, **arity}
