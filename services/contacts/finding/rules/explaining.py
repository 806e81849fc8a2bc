"""Why a day that passed changes who matches: “45 days since the last booking on 2026-10-08”."""

from __future__ import annotations

import datetime as dt
from typing import Any

from services.contacts.finding.rules import days
from services.contacts.finding.rules.days import ANNIVERSARIES, ANNIVERSARY_STRETCHES, SPANS, STRETCHES, Days
from services.contacts.finding.rules.operators import NEGATIVE

_IN_WORDS = {
    "today": "today", "thisWeek": "this week", "thisMonth": "this month", "lastMonth": "last month",
    "nextMonth": "next month", "thisYear": "this year", "birthdayToday": "today", "birthdayThisWeek": "this week",
    "birthdayThisMonth": "this month", "birthdayNextMonth": "next month",
}  # fmt: skip


def words_for(
    label: str, operator: str, value: Any, day: dt.date | None, before: dt.date, today: dt.date
) -> str | None:
    """Tell what turned between two days, for a field with this day on it; None when nothing did."""
    operator = NEGATIVE.get(operator, operator)
    if day is None:
        return None
    label = label[:1].lower() + label[1:]
    if operator in SPANS or operator in STRETCHES:
        return _of_day(label, operator, value, day, before, today)
    if operator in ANNIVERSARIES or operator in ANNIVERSARY_STRETCHES:
        return _of_birthday(operator, value, day, before, today)
    age = _age(day, today)
    return f"turned {age} on {_birthday_at(day, age)}" if age != _age(day, before) else None


def _of_day(label: str, operator: str, value: Any, day: dt.date, before: dt.date, today: dt.date) -> str | None:
    spans = [SPANS[operator](on) if operator in SPANS else STRETCHES[operator](on, *value) for on in (before, today)]
    was, holds = (_within(day, span) for span in spans)
    if was == holds:
        return None
    if operator in SPANS:
        return f"the {label}, {day}, is {'' if holds else 'no longer '}{_IN_WORDS[operator]}"
    long = _long(*value)
    if operator == "inNext":
        return f"{long} until the {label} on {day}" if holds else f"the {label}, {day}, has passed"
    return f"{long} since the {label} on {day}"


def _of_birthday(operator: str, value: Any, day: dt.date, before: dt.date, today: dt.date) -> str | None:
    windows = []
    for on in (before, today):
        window = (
            ANNIVERSARIES[operator](on) if operator in ANNIVERSARIES else ANNIVERSARY_STRETCHES[operator](on, *value)
        )
        number = day.month * 100 + day.day
        windows.append(any(low <= number <= high for low, high in days.birthdays_in(window)))
    was, holds = windows
    if was == holds:
        return None
    when = _IN_WORDS.get(operator) or f"in the {'next' if operator == 'birthdayInNext' else 'last'} {_long(*value)}"
    return f"the birthday on {day.day} {day:%B} is {'' if holds else 'no longer '}{when}"


def _within(day: dt.date, span: Days) -> bool:
    return (span.first is None or day >= span.first) and (span.after is None or day < span.after)


def _long(n: int, unit: str) -> str:
    return f"{n} {unit}{'' if n == 1 else 's'}"


def _age(born: dt.date, today: dt.date) -> int:
    age = today.year - born.year
    return age if born <= days.born_by(today, age) else age - 1


def _birthday_at(born: dt.date, age: int) -> dt.date:
    return days.shifted(born, age, "year")
