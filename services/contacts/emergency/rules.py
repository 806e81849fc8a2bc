"""How a name and numbers become somebody to call."""

from __future__ import annotations

from typing import Any

from nameparser import HumanName

from contracts.errors import Invalid
from services.contacts.people.rules import read_phones, tidy


def numbers_of(given: list[dict[str, Any]], region: str) -> list[dict[str, str]]:
    """Read the numbers as they are kept, in E.164 and as typed; Invalid names each that is none."""
    problems: list[dict[str, str]] = []
    phones = read_phones(given, region, problems)
    if problems:
        raise Invalid("; ".join(problem["detail"] for problem in problems), problems)
    return [{"value": phone.value, "as_typed": phone.as_typed, "label": phone.label} for phone in phones]


def names_of(name: str) -> dict[str, str]:
    """Part a name into first and last, as a contact has it."""
    parts = HumanName(name)
    first = tidy(f"{parts.first} {parts.middle}")
    last = tidy(f"{parts.last} {parts.suffix}")
    return {key: part for key, part in (("first_name", first), ("last_name", last)) if part} or {"first_name": name}
