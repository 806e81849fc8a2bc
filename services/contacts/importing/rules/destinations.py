"""Where a column goes, in words, and which custom field would take what no contact has."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from contracts.contacts.importing import OWN_FIELD
from services.contacts.fields.rules import NO, YES, Fields, number_in
from services.contacts.importing.rules.columns import Column
from services.contacts.importing.rules.dates import date_in

LEFT = "left out"
_WORDS = {
    "tags": "tags",
    "note": "a note",
    "full_name": "first and last name",
    "middle_name": "first name",
    "company": "the company's name; for a person a place in that company, entered if that is asked; else a note",
    "customer_since": "customer since",
    "referred_by": "a referral by the contact whom it names without doubt, else a note",
    "external_id": "the id in the other system, for matching",
    "rapport_id": "the contact with this id, for matching",
    "emergency_name": "the emergency contact's name",
    "emergency_phone": "the emergency contact's phone",
    "emergency_relationship": "the emergency contact's relationship",
    "marketing_email": "consent to marketing by e-mail",
    "marketing_sms": "consent to marketing by SMS",
    "marketing_email_refused": "a refusal of marketing by e-mail, where it says yes",
    "marketing_email_refused_on": "a refusal of marketing by e-mail, on that day",
    "marketing_email_agreed_on": "consent to marketing by e-mail, on that day",
    "marketing_date": "when consent to marketing was said",
}
_IN_NOTE = ("in_note", "job", "department", "custom")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*")


def destination(header: str, column: Column | None, custom: Fields) -> str:
    """Say where the cells of a column go, or that they are left out."""
    if column is None:
        return LEFT
    if column.field.startswith(OWN_FIELD):
        own = custom.get(column.field.removeprefix(OWN_FIELD))
        return f"your field “{own.label}”" if own else LEFT
    if column.field in _IN_NOTE:
        return f"a note, as “{header}: …”"
    words = _WORDS.get(column.field, column.field.replace("_", " "))
    return words if column.part == "value" else f"{words}: {column.part.replace('_', ' ')}"


def custom_field_for(header: str, column: Column | None, samples: Sequence[str]) -> dict[str, str] | None:
    """Offer a custom field for what is left out or only kept in a note; None where it has a better place."""
    if not header or not samples or (column is not None and column.field != "in_note"):
        return None
    return {"label": header[:100], "type": _type_of(samples)}


def _type_of(samples: Sequence[str]) -> str:
    if all(sample.casefold() in YES | NO for sample in samples):
        return "yes_no"
    if all(_NUMBER.fullmatch(sample) and _is(number_in, sample) for sample in samples):
        return "number"
    return "date" if all(_is(date_in, sample) for sample in samples) else "text"


def _is(read: Callable[[str], object], cell: str) -> bool:
    try:
        read(cell)
    except ValueError:
        return False
    return True
