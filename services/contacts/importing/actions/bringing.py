"""Whom to call, places in companies and what was said of marketing, as a file brings them, and taken back with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from services.contacts.companies.actions import add_affiliations, take_affiliations_back
from services.contacts.companies.rules import Company
from services.contacts.consent.actions import keep_consents
from services.contacts.consent.queries import said_of
from services.contacts.emergency.actions import add_emergency_contacts, take_emergency_contacts_back
from services.contacts.importing.rules.beside import MARKETING
from services.contacts.importing.rules.persons import Person
from services.contacts.importing.rules.undoing import Effect
from services.contacts.referrals.actions import note_referrals, take_referrals_back

_HOW = "import undone"


def bring_beside(work: Any, people: Sequence[Person], how: str, effects: dict[str, dict[str, Any]]) -> None:
    """Write down whom to call and who belongs where, and every word on marketing into the ledger."""
    whom = {str(person.id): person.new_emergency for person in people if person.new_emergency}
    for row in add_emergency_contacts(work, whom, how=how) if whom else ():
        effects.setdefault(row["contact_id"], {}).setdefault("emergency", []).append(row["id"])
    places = [
        (str(person.id), person.name, Company(str(company.id), company.name), title)
        for person in people
        for company, title in person.new_companies
    ]
    for row in add_affiliations(work, places):
        effects.setdefault(row["contact_id"], {}).setdefault("affiliations", []).append(row["id"])
    said = [(str(person.id), line) for person in people for line in person.new_consents]
    lines = [
        {
            "contact_id": contact_id, "channel": line["channel"], "about": MARKETING, "how": how,
            "granted": line["word"].granted, "said_at": min(line["word"].said_at, work.now),
        }
        for contact_id, line in said
    ]  # fmt: skip
    for entry_id, (contact_id, line) in zip(keep_consents(work, lines, source="import"), said, strict=True):
        before = line["before"] and [line["before"].granted, line["before"].said_at.isoformat()]
        effects.setdefault(contact_id, {}).setdefault("consents", []).append([entry_id, line["channel"], before])


def bring_along(
    work: Any, people: Sequence[Person], of_rows: Mapping[int, Person], effects: dict[str, dict[str, Any]]
) -> None:
    """Note who referred whom, now that all of them are entered."""
    by = {
        str(person.id): str(of_rows[referrer].id if isinstance(referrer, int) else referrer)
        for person in people
        for referrer, _ in person.new_referrers
    }
    for row in note_referrals(work, by) if by else ():
        effects.setdefault(row["referred_id"], {}).setdefault("referrals", []).append(row["id"])


def take_beside_back(work: Any, effects: Mapping[str, Effect]) -> dict[str, str]:
    """Take off whom to call and places in companies, and let what was said before hold again.

    Tells of whom something was changed since, and stays.
    """
    called = {one: id for id, effect in effects.items() for one in effect.emergency}
    placed = {one: id for id, effect in effects.items() for one in effect.affiliations}
    gone = take_emergency_contacts_back(work, list(called)) | take_affiliations_back(work, list(placed))
    take_referrals_back(work, [one for effect in effects.values() for one in effect.referrals])
    _take_words_back(work, {id: effect for id, effect in effects.items() if effect.consents})
    left = {id: "Whom to call was changed since, and stays." for one, id in called.items() if one not in gone}
    moved = {
        id: "The place in a company was changed since, and stays." for one, id in placed.items() if one not in gone
    }
    return left | moved


def _take_words_back(work: Any, effects: Mapping[str, Effect]) -> None:
    """The ledger is never erased: a further line says again what was said before, or else takes a yes back."""
    said = said_of(work, list(effects), MARKETING) if effects else {}
    lines = []
    for contact_id, effect in effects.items():
        for channel, (entry_id, statement) in said.get(contact_id, {}).items():
            before = _before(entry_id, channel, effect.consents)
            granted, said_at = before or (False, None)
            if before is not None and statement.granted != granted:
                lines.append(
                    {
                        "contact_id": contact_id, "channel": channel, "about": MARKETING, "how": _HOW,
                        "granted": granted, "said_at": dt.datetime.fromisoformat(said_at) if said_at else work.now,
                    }
                )  # fmt: skip
    keep_consents(work, lines, source="import")


def _before(entry_id: str, channel: str, consents: Iterable[Any]) -> Any:
    """What was said before the import's own words, if the last of them is what holds; () for nothing."""
    words = [word for word in consents if word[1] == channel]
    if not any(word[0] == entry_id for word in words):
        return None
    return words[-1][2] or ()
