"""What a row brings somebody beside the card, where they have not got it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from services.contacts.importing.rules.beside import word_taken
from services.contacts.importing.rules.employers import Employers
from services.contacts.importing.rules.persons import Person
from services.contacts.importing.rules.rows import Row
from services.contacts.tags.rules import SYSTEM_TAGS, key_of

NOT_FOUND = "Who referred them (“{}”) was not found without doubt, and stays in a note."
_UNKNOWN: Mapping[str, str | int] = {}


def add_words(
    person: Person,
    row: Row,
    remarks: list[dict[str, str | None]],
    employers: Employers,
    referrers: Mapping[str, str | int] = _UNKNOWN,
) -> None:
    """Note the tags, notes, consents and whom to call that the person has not. A system tag is not for imports."""
    refused = [tag for tag in row.tags if key_of(tag) in SYSTEM_TAGS]
    remarks += [
        {"column": None, "detail": f"The tag “{tag}” is put on and taken off by the system."} for tag in refused
    ]
    tags = [tag for tag in row.tags if key_of(tag) not in person.tags and tag not in refused]
    affiliated = _add_company(person, row, employers)
    referred = _add_referrer(person, row, remarks, referrers)
    notes = [note for note in row.words(affiliated=affiliated, referred=referred) if mark_of(note) not in person.notes]
    person.tags |= {key_of(tag) for tag in tags}
    person.notes |= {mark_of(note) for note in notes}
    person.new_tags += tags
    person.new_notes += notes
    _add_whom(person, row)
    _add_consents(person, row)


def _add_company(person: Person, row: Row, employers: Employers) -> bool:
    """Note the place in a company that is a contact, or becomes one; tell whether it is."""
    is_person = person.card.profile["kind"] == "person"
    company = employers.of(row.beside.company, row.number) if is_person else None
    if company is None:
        return False
    mark = company.id or company.name
    if mark not in person.companies:
        person.companies.add(mark)
        person.new_companies.append((company, row.beside.title))
    return True


def _add_referrer(
    person: Person, row: Row, remarks: list[dict[str, str | None]], referrers: Mapping[str, str | int]
) -> bool:
    """Note who referred the person, where that is found; tell whether it needs no words. Nobody is referred twice."""
    words = row.beside.referrer
    found = referrers.get(words)
    if words and (found is None or found in (person.id, row.number)):
        remarks.append({"column": None, "detail": NOT_FOUND.format(words)})
    elif found is not None and person.referred_by is None:
        person.referred_by = found
        person.new_referrers.append((found, words))
    return found is not None and person.referred_by == found


def _add_whom(person: Person, row: Row) -> None:
    whom = row.beside.whom
    if whom and whom["name"].casefold() not in person.emergency:
        person.emergency.add(whom["name"].casefold())
        person.new_emergency.append(whom)


def _add_consents(person: Person, row: Row) -> None:
    for channel, granted in row.beside.consents.items():
        known = person.consents.get(channel)
        word = word_taken(known, granted=granted, on=row.beside.days.get(channel, row.beside.on))
        if word:
            person.consents[channel] = word
            person.new_consents.append({"channel": channel, "word": word, "before": known})


def mark_of(note: str) -> str:
    """A short mark by which an equal note is known (MD5 as PostgreSQL writes it; nothing secret hangs on it)."""
    return hashlib.md5(note.encode(), usedforsecurity=False).hexdigest()
