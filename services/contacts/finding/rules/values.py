"""The values of rules, read by the type of their field, or refused with their place within the rule."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from services.contacts.finding.rules.days import LONGEST, UNITS
from services.contacts.finding.rules.operators import Operator

_INT8 = 2**63


class Unfit(ValueError):
    """A value that its field or operator cannot take; `at` is the way to it within the value."""

    def __init__(self, detail: str, *at: str | int) -> None:
        super().__init__(detail)
        self.detail, self.at = detail, at


class Stretch(NamedTuple):
    n: int
    unit: str


class Tally(NamedTuple):
    """So many, within the last n units."""

    number: int
    stretch: Stretch


def read_value(kind: str, operator: Operator, value: Any) -> Any:
    """Answer what the operator compares with: nothing, one value, a list, a pair, a Stretch or a Tally."""
    match operator.takes:
        case "nothing":
            return None
        case "several":
            return [_read(kind, one, place) for place, one in enumerate(_listed(value))]
        case "two":
            pair = _listed(value)
            if len(pair) != 2:
                raise Unfit("Two values are needed: from and to.")
            return tuple(_read(kind, one, place) for place, one in enumerate(pair))
        case "stretch":
            return _stretch(value)
        case "tally":
            if not isinstance(value, dict) or set(value) != {"count", "n", "unit"}:
                raise Unfit("{count, n, unit} is needed.")
            return Tally(_whole(value["count"], 0, 10**6, "count"), _stretch({k: value[k] for k in ("n", "unit")}))
    return _read(kind, value)


def _listed(value: Any) -> list[Any]:
    """A list, or react-querybuilder's other way of writing one: text with commas."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    raise Unfit("A list of values is needed.")


def _stretch(value: Any) -> Stretch:
    if not isinstance(value, dict) or set(value) != {"n", "unit"}:
        raise Unfit("{n, unit} is needed.")
    if value["unit"] not in UNITS:
        raise Unfit(f"One of {', '.join(UNITS)} is needed.", "unit")
    return Stretch(_whole(value["n"], 1, LONGEST[value["unit"]], "n"), value["unit"])


def _whole(value: Any, least: int, most: int, *at: str | int) -> int:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if type(value) is not int or not least <= value <= most:
        raise Unfit(f"A whole number from {least} to {most} is needed.", *at)
    return value


def _read(kind: str, value: Any, *at: str | int) -> Any:
    try:
        return _READERS[kind](value)
    except Unfit as fault:
        raise Unfit(fault.detail, *at) from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unfit("Text is needed.")
    return value.strip()


def _number(value: Any) -> int | Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise Unfit("A number is needed.")
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise Unfit("A number is needed.") from None
    if not number.is_finite() or not -_INT8 <= number < _INT8:
        raise Unfit("This number is too large.")
    return int(number) if number == number.to_integral_value() else number


def _years(value: Any) -> int:
    return _whole(value, 0, 200)


def _yes_no(value: Any) -> bool:
    known = {"true": True, "false": False, "yes": True, "no": False}
    found = known.get(value.strip().lower()) if isinstance(value, str) else value
    if not isinstance(found, bool):
        raise Unfit("Either true or false is needed.")
    return found


def _date(value: Any) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit("A date is needed, such as 2026-11-22.") from None


def _moment(value: Any) -> dt.date | dt.datetime:
    """A plain date means the whole day where the contact is; else an instant with its offset."""
    if not isinstance(value, str):
        raise Unfit("A date or a moment is needed.")
    if len(value) == 10:
        return _date(value)
    try:
        moment = dt.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(value)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise Unfit("A date such as 2026-11-22, or a moment such as 2026-11-22T18:00:00Z, is needed.") from None


def read_id(value: Any) -> str | None:
    """The id in its canonical form, if it is one."""
    try:
        return str(UUID(value)) if isinstance(value, str) else None
    except ValueError:
        return None


_READERS = {
    "text": _text,
    "choice": _text,
    "set": _text,
    "number": _number,
    "age": _years,
    "yes_no": _yes_no,
    "date": _date,
    "moment": _moment,
    "birthday": _date,
}
