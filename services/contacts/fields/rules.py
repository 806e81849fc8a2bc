"""What may stand in a custom field, typed in or read from a cell."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from marshmallow import ValidationError

from contracts.language import Text
from services.contacts.settings.rules import compared, key_for

LARGEST = 10**15
"""Numbers are smaller than this, so that all of them are exact in JSON."""
YES = frozenset({"yes", "y", "true", "1", "x", "ja", "oui", "sí", "si", "tak"})
NO = frozenset({"no", "n", "false", "0", "nein", "non", "nie"})
_TEXT = Text(max=2000, multiline=True)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


class Field(NamedTuple):
    """A custom field as far as its values are judged by it."""

    key: str
    label: str
    type: str
    choices: tuple[str, ...] = ()
    applies_to: str = "both"
    archived: bool = False


Fields = Mapping[str, Field]
"""Custom fields by key."""
NO_FIELDS: Fields = {}


def read_values(
    given: Mapping[str, Any], before: Mapping[str, Any], fields: Fields, *, kind: str, problems: list[dict[str, str]]
) -> dict[str, Any]:
    """Patch the values of a contact: null takes one away; each that cannot be goes to `problems` with its pointer.

    What stands there already may be given again, also where it could not be entered anew.
    """
    values = dict(before)
    for key, value in given.items():
        if value == before.get(key) and key in before:
            continue
        try:
            read = read_value(_usable(fields.get(key), kind, clearing=value is None), value)
        except ValueError as problem:
            problems.append({"pointer": f"/fields/{_escaped(key)}", "detail": str(problem)})
            continue
        if read is None:
            values.pop(key, None)
        else:
            values[key] = read
    return values


def _usable(field: Field | None, kind: str, *, clearing: bool) -> Field:
    if field is None:
        raise ValueError("There is no custom field of this key.")
    if clearing:
        return field
    if field.archived:
        raise ValueError("This custom field is archived.")
    if field.applies_to not in (kind, "both"):
        raise ValueError("This custom field is for companies." if kind == "person" else "This field is for people.")
    return field


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def read_value(field: Field, value: Any) -> Any:
    """A value in the form in which it is kept, None for none; ValueError says what is wrong with it."""
    return None if value is None else _READERS[field.type](field, value)


def value_of_cell(field: Field, cell: str, date_in: Callable[[str], dt.date]) -> Any:
    """What a cell of a spreadsheet says, None when it is blank; ValueError says what is wrong with it.

    `date_in` reads a date as it is written in this file.
    """
    cell = cell.strip()
    if not cell:
        return None
    if field.type == "number":
        return read_value(field, number_in(cell))
    if field.type == "yes_no":
        word = cell.casefold()
        if word not in YES | NO:
            raise ValueError(f"“{cell[:40]}” is neither yes nor no.")
        return word in YES
    return read_value(field, date_in(cell) if field.type == "date" else cell)


def field_of_column(header: str, fields: Fields) -> Field | None:
    """The field that a column of this header fills: called by its key, else by its label."""
    named = {compared(field.label): field for field in fields.values() if not field.archived}
    found = fields.get(header.strip())
    return found if found and not found.archived else named.get(compared(header))


def number_in(cell: str) -> float | int:
    """1,234.50 and 1234,50 and 1 234.5 are numbers; a comma before three digits parts thousands."""
    plain = re.sub(r"[\s’']", "", cell)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    elif "," in plain:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        return float(plain) if "." in plain or "e" in plain.lower() else int(plain)
    except ValueError:
        raise ValueError(f"“{cell[:40]}” is not a number.") from None


def _text(_field: Field, value: Any) -> str | None:
    try:
        return _TEXT.deserialize(value) or None
    except ValidationError as problem:
        raise ValueError(str(problem.messages[0])) from None


def _number(_field: Field, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError("A number is needed.")
    if not abs(value) < LARGEST:  # as NaN is not
        raise ValueError("A number below 1,000,000,000,000,000 is needed.")
    return int(value) if value == int(value) else value


def _date(_field: Field, value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip(), re.ASCII):
        raise ValueError("A date such as 2026-03-01 is needed.")
    try:
        return dt.date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        raise ValueError("There is no such day.") from None


def _choice(field: Field, value: Any) -> str:
    wanted = compared(value) if isinstance(value, str) else None
    found = next((choice for choice in field.choices if compared(choice) == wanted), None)
    if found is None:
        raise ValueError(f"One of {', '.join(field.choices[:20])} is needed.")
    return found


def _yes_no(_field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is needed.")
    return value


_READERS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "yes_no": _yes_no,
}


def key_of_label(label: str) -> str:
    """A key made of a label: “T-Shirt: Größe” is `t_shirt_groesse`, or at least something that begins with a letter."""
    key = key_for(label).replace("-", "_")[:48].strip("_")
    return key if not key or key[0].isalpha() else f"n_{key}"


def distinct(choices: list[str]) -> bool:
    """Whether no two choices are compared as the same."""
    return len({compared(choice) for choice in choices}) == len(choices)
