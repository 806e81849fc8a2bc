"""Who a row is about: a person, whose name may stand in one cell, or a company."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nameparser import HumanName

_WHOM = r"(?:number|count|of|clients?|members?|customers?|contacts?|people|records?|kunden|mitglieder|kontakte)"
_COUNT = re.compile(
    rf"(?:(?:grand|sub)\W?)?totals?(?:\W+{_WHOM})*\W*[\d.,]*|\d+ {_WHOM}"
    rf"|(?:summe|gesamt|gesamtzahl|anzahl)(?:\W+{_WHOM})*\W*[\d.,]*",
    re.IGNORECASE,
)


def name_of_a_count(given: Mapping[str, Any], external_id: str | None = None) -> str | None:
    """The field in whose place a line under the list counts it; whoever can be reached or was born is somebody.

    Some say so where others have their id, and leave to the name how many they are.
    """
    if any(map(given.get, ("emails", "phones", "birthday"))):
        return None
    called = [name for name in ("full_name", "first_name", "last_name") if given.get(name)]
    if external_id and not any(map(str.isalpha, "".join(given[name] for name in called))):
        return "external_id" if _COUNT.fullmatch(external_id) else None
    return called[0] if len(called) == 1 and _COUNT.fullmatch(given[called[0]]) else None


def settle_name(given: dict[str, Any]) -> str:
    """Settle who it is, a row with a company and no name of a person being the company; tell a person's company."""
    middle, full, company = (given.pop(name, "") for name in ("middle_name", "full_name", "company"))
    if full and not (given.get("first_name") or given.get("last_name")):
        given |= named(full)
    if middle:
        given["first_name"] = f"{given.get('first_name', '')} {middle}".strip()
    is_person = any(given.get(name) for name in ("first_name", "last_name", "preferred_name", "birthday", "gender"))
    given["kind"] = "company" if company and not is_person else "person"
    if company and not is_person:
        given["name"] = company
    return company if is_person else ""


def named(full: str) -> dict[str, str]:
    """Take a whole name apart: `Last, First` by its comma, else by the customs of names."""
    if not any(c.isalpha() for c in full) or not full[:1].isalpha():
        return {"first_name": full}
    name = HumanName(full)
    first = " ".join(filter(None, [name.first, name.middle]))
    parts = {part: text for part, text in (("first_name", first), ("last_name", name.last)) if text}
    return parts or {"first_name": full}
