"""The operators, by what kind of thing they compare; the names are react-querybuilder's, and ours for dates.

Each negative operator is the exact complement of a positive one, so that it also matches who has no value at all.
"""

from __future__ import annotations

from typing import NamedTuple


class Operator(NamedTuple):
    """`takes` is the shape of its value: nothing, one, several, two (from and to), stretch {n, unit}, or tally."""

    name: str
    label: str
    takes: str = "one"


NEGATIVE = {
    "!=": "=",
    "doesNotContain": "contains",
    "doesNotBeginWith": "beginsWith",
    "doesNotEndWith": "endsWith",
    "notNull": "null",
    "notIn": "in",
    "notBetween": "between",
    "notInLast": "inLast",
    "notInNext": "inNext",
}
"""What each negative operator is the complement of."""

_NULLS = (Operator("null", "has none", "nothing"), Operator("notNull", "has any", "nothing"))
_EQUAL = (Operator("=", "is"), Operator("!=", "is not"))
_AMONG = (Operator("in", "is one of", "several"), Operator("notIn", "is none of", "several"))
_ORDERED = (
    Operator("<", "less than"),
    Operator("<=", "at most"),
    Operator(">", "more than"),
    Operator(">=", "at least"),
    Operator("between", "from … to …", "two"),
    Operator("notBetween", "not from … to …", "two"),
)
_CALENDAR = (
    Operator("inLast", "in the last", "stretch"),
    Operator("notInLast", "not in the last", "stretch"),
    Operator("olderThan", "longer ago than", "stretch"),
    Operator("inNext", "in the next", "stretch"),
    Operator("notInNext", "not in the next", "stretch"),
    Operator("today", "today", "nothing"),
    Operator("thisWeek", "this week", "nothing"),
    Operator("thisMonth", "this month", "nothing"),
    Operator("lastMonth", "last month", "nothing"),
    Operator("nextMonth", "next month", "nothing"),
    Operator("thisYear", "this year", "nothing"),
)
_ANNIVERSARIES = (
    Operator("birthdayToday", "has birthday today", "nothing"),
    Operator("birthdayThisWeek", "has birthday this week", "nothing"),
    Operator("birthdayThisMonth", "has birthday this month", "nothing"),
    Operator("birthdayNextMonth", "has birthday next month", "nothing"),
    Operator("birthdayInNext", "has birthday in the next", "stretch"),
    Operator("birthdayInLast", "had birthday in the last", "stretch"),
)
_TEXT = (
    *_EQUAL,
    Operator("contains", "contains"),
    Operator("doesNotContain", "does not contain"),
    Operator("beginsWith", "begins with"),
    Operator("doesNotBeginWith", "does not begin with"),
    Operator("endsWith", "ends with"),
    Operator("doesNotEndWith", "does not end with"),
    *_AMONG,
    *_NULLS,
)
_DATES = (*_EQUAL, *_ORDERED, *_CALENDAR, *_NULLS)

OPERATORS: dict[str, tuple[Operator, ...]] = {
    "text": _TEXT,
    "choice": (*_EQUAL, *_AMONG, *_NULLS),
    "set": (*_EQUAL, *_AMONG, *_NULLS),
    "number": (*_EQUAL, *_ORDERED, *_AMONG, *_NULLS),
    "age": (*_EQUAL, *_ORDERED, *_NULLS),
    "yes_no": (*_EQUAL, *_NULLS),
    "date": _DATES,
    "moment": _DATES,
    "birthday": (*_DATES, *_ANNIVERSARIES),
    "tally": tuple(
        Operator(name, label, "tally")
        for name, label in {
            "=": "exactly",
            "!=": "not exactly",
            "<": "fewer than",
            "<=": "at most",
            ">": "more than",
            ">=": "at least",
        }.items()
    ),
}
"""By the type of a field."""

RELATIVE = frozenset(operator.name for operator in (*_CALENDAR, *_ANNIVERSARIES))
"""Those whose answer changes as days pass."""

ZONED = frozenset({"age", "date", "moment", "birthday", "tally"})
"""The types for which it may matter where a day begins."""


def operator_of(kind: str, name: str) -> Operator | None:
    return next((operator for operator in OPERATORS[kind] if operator.name == name), None)


def passes_with_time(kind: str, operator: str) -> bool:
    """Tell whether the answer can change though nothing happens but another day."""
    return operator in RELATIVE or kind == "tally" or (kind == "age" and operator not in ("null", "notNull"))
