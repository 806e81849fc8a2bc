"""One rule as a condition in SQL: values are bound, columns come from the declared fields alone."""

from __future__ import annotations

import datetime as dt
import operator as op
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, extract, false, func, not_, or_

from services.contacts.finding.queries.almanac import Almanac, among
from services.contacts.finding.queries.fields import Field, contacts, never
from services.contacts.finding.rules import days
from services.contacts.finding.rules.days import ANNIVERSARIES, ANNIVERSARY_STRETCHES, SPANS, STRETCHES, Days
from services.contacts.finding.rules.values import Stretch

_COMPARED: dict[str, Callable[[Any, Any], Any]] = {"=": op.eq, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
_LETTERS = re.compile(r"[A-Za-z0-9]+")
"""What stands in the text for searching just so, wherever the card has it."""
_INDEXED = 3
"""So many letters together are what the index of that text has."""
_PARTS = ("contains", "beginsWith", "endsWith")
_ONE = dt.timedelta(days=1)


def condition_of(
    field: Field, operator: str, value: Any, almanac: Almanac, *, negated: bool = False
) -> ColumnElement[bool]:
    """The condition of a positive operator; it is true, or false or null for who does not match.

    Of one that is to be `negated` nothing is said twice: a NOT of two conditions could not become an anti-join.
    """
    if field.through is None:
        return field.column.is_(None) if operator == "null" else _KINDS[field.type](field, operator, value, almanac)
    rows = field.through
    if field.until is not None:
        lasting = almanac.on_days(field.until, lambda today: Days(today, None))
        rows = rows.where(or_(field.until.is_(None), lasting))
    if operator == "null":
        return ~exists(rows.correlate(contacts))
    found = exists(rows.where(_KINDS[field.type](field, operator, value, almanac)).correlate(contacts))
    return found if negated or operator not in _PARTS else and_(found, *_on_card(field, value))


def _text(field: Field, operator: str, value: Any, _: Almanac) -> ColumnElement[bool]:
    if operator == "in":
        return or_(*(_text(field, "=", one, _) for one in value)) if value else false()
    found = _told(field, operator, value)
    return and_(found, *_on_card(field, value)) if field.through is None else found


def _on_card(field: Field, value: str) -> list[ColumnElement[bool]]:
    """What is on the card of whoever has that value, said of what cards are searched by.

    What is not folded stands there as it is compared; of what is folded otherwise, its plain letters do.
    """
    if not field.remembered:
        return []
    told = max(_LETTERS.findall(value), key=len, default="").lower() if field.folds else value.removeprefix("+")
    return [contacts.c.search.like(f"%{_literally(told)}%", escape="\\")] if len(told) >= _INDEXED else []


def _literally(value: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", value)


def _told(field: Field, operator: str, value: Any) -> ColumnElement[bool]:
    column = func.lower(field.column) if field.folds else field.column
    if operator == "=":
        return column == _same(field, value)
    literal = _literally(value)
    pattern = {"contains": f"%{literal}%", "beginsWith": f"{literal}%", "endsWith": f"%{literal}"}[operator]
    return column.like(_same(field, pattern), escape="\\")


def _same(field: Field, value: str) -> Any:
    """The value with its letter case taken away by the same hand as the column's."""
    return func.lower(value) if field.folds else value


def _choice(field: Field, operator: str, value: Any, _: Almanac) -> ColumnElement[bool]:
    if field.holds is not None:
        return or_(false(), *(field.holds(one) for one in (value if operator == "in" else [value])))
    if operator == "in":
        return among(field.column, value, field.column.type)
    return field.column == value


def _set(field: Field, operator: str, value: Any, _: Almanac) -> ColumnElement[bool]:
    assert field.among is not None
    return field.among(value if operator == "in" else [value])


def _number(field: Field, operator: str, value: Any, almanac: Almanac) -> ColumnElement[bool]:
    column = field.column
    if field.holds is not None and operator in ("=", "in"):
        return _choice(field, operator, value, almanac)
    if field.absent is not None and _holds(field.absent, operator, value):
        column = func.coalesce(column, field.absent)
    if operator == "in":
        return or_(*(column == one for one in value)) if value else false()
    if operator == "between":
        return and_(column >= value[0], column <= value[1])
    return _COMPARED[operator](column, value)


def _holds(absent: Any, operator: str, value: Any) -> bool:
    """Whether a contact of whom nothing is known yet matches."""
    if operator == "in":
        return absent in value
    if operator == "between":
        return value[0] <= absent <= value[1]
    return _COMPARED[operator](absent, value)


def _yes_no(field: Field, operator: str, value: Any, _: Almanac) -> ColumnElement[bool]:
    if field.holds is not None:
        return field.holds(value)
    column = field.column if field.absent != value else func.coalesce(field.column, field.absent)
    return column.is_(value)


def _days(operator: str, value: Any) -> Callable[[dt.date], Days]:
    """The days that the operator means, of which today may be one or not matter."""
    if operator in SPANS:
        return SPANS[operator]
    if operator in STRETCHES:
        return lambda today: STRETCHES[operator](today, *value)
    first, last = value if operator == "between" else (value, value)
    found = {
        "=": Days(first, _next(last)),
        "between": Days(first, _next(last)),
        "<": Days(None, first),
        "<=": Days(None, _next(last)),
        ">": Days(_next(last), None),
        ">=": Days(first, None),
    }[operator]
    return lambda today: found


def _next(day: dt.date) -> dt.date | None:
    return None if day == dt.date.max else day + _ONE


def _date(field: Field, operator: str, value: Any, almanac: Almanac) -> ColumnElement[bool]:
    return almanac.on_days(field.column, _days(operator, value))


def _moment(field: Field, operator: str, value: Any, almanac: Almanac) -> ColumnElement[bool]:
    if operator == "between":
        found = and_(_bound(field, ">=", value[0], almanac), _bound(field, "<=", value[1], almanac))
    else:
        found = _bound(field, operator, value, almanac)
    # The first is for the planner: it makes an inner join of the outer one, which a coalesce would not.
    return and_(field.column.is_not(None), field.compared > never, found) if field.sorted else found


def _bound(field: Field, operator: str, value: Any, almanac: Almanac) -> ColumnElement[bool]:
    if isinstance(value, dt.datetime):
        return _COMPARED[operator](field.compared, value)
    return almanac.in_days(field.compared, _days(operator, value))


def _age(field: Field, operator: str, value: Any, almanac: Almanac) -> ColumnElement[bool]:
    youngest, oldest = {
        "=": lambda: (value, value),
        "between": lambda: value,
        "<": lambda: (None, value - 1),
        "<=": lambda: (None, value),
        ">": lambda: (value + 1, None),
        ">=": lambda: (value, None),
    }[operator]()
    return almanac.on_days(field.column, lambda today: days.born_when_aged(today, youngest, oldest))


def _birthday(field: Field, operator: str, value: Any, almanac: Almanac) -> ColumnElement[bool]:
    if operator not in ANNIVERSARIES and operator not in ANNIVERSARY_STRETCHES:
        return _date(field, operator, value, almanac)
    day = day_of_year(field.column)

    def window(today: dt.date) -> Days:
        if operator in ANNIVERSARIES:
            return ANNIVERSARIES[operator](today)
        return ANNIVERSARY_STRETCHES[operator](today, *value)

    return almanac.each(
        lambda today: or_(*(day.between(low, high) for low, high in days.birthdays_in(window(today))))
    )  # fmt: skip


def day_of_year(column: Any) -> ColumnElement[int]:
    """Month * 100 + day, as the index has it."""
    return extract("month", column) * 100 + extract("day", column)


def _tally(field: Field, operator: str, value: Any, almanac: Almanac) -> ColumnElement[bool]:
    assert field.counts is not None
    stretch: Stretch = value.stretch
    rows = field.counts.where(almanac.in_days(field.column, lambda today: days.in_last(today, *stretch)))
    [whose] = rows.selected_columns
    if field.singly:
        of_contact = rows.with_only_columns(func.count()).where(whose == contacts.c.id)
        return _COMPARED[operator](of_contact.correlate(contacts).scalar_subquery(), value.number)
    if contacts in rows.get_final_froms():  # days begin elsewhere at other hours
        rows = rows.where(whose == contacts.c.id)
    enough = _COMPARED[operator](func.count(), value.number)
    if _COMPARED[operator](0, value.number):  # who has none is in no group
        return ~_among_the_counted(rows.group_by(whose).having(not_(enough)))
    return _among_the_counted(rows.group_by(whose).having(enough))


def _among_the_counted(groups: Select[Any]) -> ColumnElement[bool]:
    counted = groups.subquery()
    return exists().where(counted.c[0] == contacts.c.id).correlate(contacts)


_KINDS: dict[str, Callable[[Field, str, Any, Almanac], ColumnElement[bool]]] = {
    "text": _text,
    "choice": _choice,
    "set": _set,
    "number": _number,
    "yes_no": _yes_no,
    "date": _date,
    "moment": _moment,
    "age": _age,
    "birthday": _birthday,
    "tally": _tally,
}
