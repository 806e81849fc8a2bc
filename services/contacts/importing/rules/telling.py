"""What one row did to somebody, and what it said that was not taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sized
from typing import Any, NamedTuple

from services.contacts.card.rules import Card, difference, plain_card
from services.contacts.contact.rules import fold
from services.contacts.importing.rules.filling import NAMES, SINGLE
from services.contacts.importing.rules.likeness import words_of
from services.contacts.importing.rules.persons import Person
from services.contacts.importing.rules.rows import Row

Difference = dict[str, dict[str, Any]]


class Stood(NamedTuple):
    """How somebody stood before a row was taken in."""

    card: Card
    told_since: dt.date | None
    membership_number: str | None
    tags: int
    notes: int
    external_ids: int
    emergency: int
    consents: int
    companies: int
    referrers: int


def stood(person: Person) -> Stood:
    """Note how somebody stands now."""
    lists: tuple[Sized, ...] = (
        person.new_tags, person.new_notes, person.new_external_ids, person.new_emergency, person.new_consents,
        person.new_companies, person.new_referrers,
    )  # fmt: skip
    return Stood(person.card, person.told_since, person.membership_number, *map(len, lists))


def changes_of(person: Person, before: Stood) -> Difference:
    """Each field that differs from how it stood, with before and after."""
    changes = difference(before.card, person.card) if person.card is not before.card else {}
    if person.told_since != before.told_since:
        changes["customer_since"] = {"before": _day(before.told_since), "after": _day(person.told_since)}
    if person.membership_number != before.membership_number:
        changes["membership_number"] = {"before": before.membership_number, "after": person.membership_number}
    return changes


def added_to(person: Person, before: Stood) -> dict[str, list[str]]:
    """What came to somebody beside the card."""
    lists = {
        "tags": person.new_tags[before.tags :],
        "notes": person.new_notes[before.notes :],
        "external_ids": person.new_external_ids[before.external_ids :],
        "emergency_contacts": [whom["name"] for whom in person.new_emergency[before.emergency :]],
        "companies": [company.name for company, _ in person.new_companies[before.companies :]],
        "referred_by": [words for _, words in person.new_referrers[before.referrers :]],
        "marketing": [_said(line) for line in person.new_consents[before.consents :]],
    }
    return {name: values for name, values in lists.items() if values}


def _said(line: dict[str, Any]) -> str:
    return f"{line['channel']}: {'yes' if line['word'].granted else 'no'}"


def not_taken(person: Person, row: Row, card: Card) -> list[dict[str, Any]]:
    """Each value of a row that is another than what stands, and stays so; one written otherwise is no other."""
    kept, given = plain_card(person.card), plain_card(card)
    names = () if words_of(person.card) == words_of(card) else NAMES
    found = [_other(name, kept[name], given[name]) for name in (*names, *SINGLE) if _differ(kept[name], given[name])]
    for key, value in card.fields.items():
        if value is not None and person.card.fields.get(key) != value:
            found.append(_other(f"fields.{key}", person.card.fields.get(key), value))
    if row.customer_since and row.customer_since not in (person.told_since, person.shown_since):
        found.append(_other("customer_since", _day(person.told_since), _day(row.customer_since)))
    for channel, granted in row.beside.consents.items():
        if person.consents[channel].granted != granted:
            found.append(_other(f"marketing.{channel}", person.consents[channel].granted, granted))
    return found


def _differ(kept: Any, given: Any) -> bool:
    return bool(given) and fold(str(kept or "")) != fold(str(given))


def _other(name: str, kept: Any, given: Any) -> dict[str, Any]:
    return {"field": name, "kept": kept, "given": given}


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
