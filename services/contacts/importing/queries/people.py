"""Everybody here whom the rows of a step could be about, whole, in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Text, Uuid, any_, bindparam, func, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from services.contacts.card.queries.cards import cards_of
from services.contacts.card.rules import Card
from services.contacts.companies.queries import companies_of
from services.contacts.consent.queries import said_of
from services.contacts.contact.actions import hold_contacts
from services.contacts.contact.model import Contact
from services.contacts.emergency.queries import names_to_call
from services.contacts.external_ids.model import ExternalId
from services.contacts.importing.model import ImportRow
from services.contacts.importing.rules.beside import MARKETING
from services.contacts.importing.rules.persons import Person
from services.contacts.importing.rules.rows import Row
from services.contacts.notes.model import Note
from services.contacts.people.model import Email, Phone
from services.contacts.referrals.queries import referrers_among
from services.contacts.tags.model import ContactTag, Tag

_LIVING = ("active", "archived")
UNDONE = "import undone"
"""Why who came by an import that was undone is archived."""


def people_like(
    work: Any,
    read: Sequence[tuple[Row, Card]],
    system: str,
    companies: Collection[str] = (),
    *,
    import_id: str,
    hold: bool = True,
) -> list[Person]:
    """Give all who share an e-mail, a phone, a number or a bare name with one of these rows, the oldest first.

    They are held until the step ends, so that nobody changes them between the look and the change. `system` is whose
    ids the rows bring. Who came by an import that was undone comes last: whoever is here counts first. `companies` are
    folded names: who of these was undone, and whom this import entered for its people and now has a row, comes too.
    """
    ids = list(work.session.scalars(_alike(read, system, companies, import_id)))
    if not ids:
        return []
    found = hold_contacts(work, ids).values() if hold else work.session.scalars(_looked_at(ids))
    contacts = sorted((contact for contact in found if contact.standing in _LIVING), key=_was_undone)
    called = names_to_call(work, ids) if any(row.beside.whom for row, _ in read) else {}
    places = companies_of(work, ids) if any(row.beside.company for row, _ in read) else {}
    brought = referrers_among(work, ids) if any(row.beside.referrer for row, _ in read) else {}
    said = said_of(work, ids, MARKETING) if any(row.beside.consents for row, _ in read) else {}
    former = _former_ids(work, read)
    kept, tags, notes = cards_of(work, contacts), _tags(work, ids), _notes(work, ids)
    external, lines = _external_ids(work, ids, system), _lines(work, ids, import_id)
    return [
        Person(
            kept[contact.id].card,
            id=contact.id,
            before=kept[contact.id].card,
            archived=contact.standing != "active",
            undone=_was_undone(contact),
            former_ids=former[contact.id],
            told_since=contact.customer_since_told,
            shown_since=contact.customer_since,
            tags=tags[contact.id],
            notes=notes[contact.id],
            companies=places.get(contact.id, set()),
            referred_by=brought.get(contact.id),
            emergency=called.get(contact.id, set()),
            consents={channel: statement for channel, (_, statement) in said.get(contact.id, {}).items()},
            membership_number=contact.membership_number,
            external_ids=external[contact.id],
            line=lines[contact.id].first,
            implied_by=lines[contact.id].implied_by,
        )
        for contact in contacts
    ]


def _former_ids(work: Any, read: Sequence[tuple[Row, Card]]) -> dict[str, tuple[str, ...]]:
    """Under which ids of before, of those that the rows bring, each lives on."""
    found: dict[str, tuple[str, ...]] = defaultdict(tuple)
    ours = {row.rapport_id for row, _ in read if row.rapport_id}
    if ours:
        merged = select(Contact.id, Contact.merged_into).where(Contact.id.in_(ours), Contact.merged_into.is_not(None))
        for former, survivor in work.session.execute(merged):
            found[survivor] += (former,)
    return found


def _was_undone(contact: Contact) -> bool:
    return contact.standing == "archived" and contact.archive_reason == UNDONE


def _looked_at(ids: list[str]) -> Any:
    return select(Contact).where(Contact.id.in_(ids)).order_by(Contact.id)


def _alike(read: Sequence[tuple[Row, Card]], system: str, companies: Collection[str], import_id: str) -> Any:
    cards = [card for _, card in read]
    emails = {email.normalised for card in cards for email in card.emails}
    phones = {phone.value for card in cards for phone in card.phones}
    names = {name for card in cards if not (card.emails or card.phones) for name in _both_ways(card)}
    numbers = {row.membership_number for row, _ in read if row.membership_number}
    ours = {row.rapport_id for row, _ in read if row.rapport_id}
    external = {row.external_id for row, _ in read if row.external_id}
    firms = {card.sort_name for card in cards if card.profile["kind"] == "company"}
    lives_on = func.coalesce(Contact.merged_into, Contact.id)
    return union(
        select(lives_on).where(Contact.id == any_(bindparam(None, sorted(ours), type_=ARRAY(Uuid(as_uuid=False))))),
        select(Email.contact_id).where(_among(Email.normalised, emails)),
        select(Phone.contact_id).where(_among(Phone.value, phones)),
        select(Contact.id).where(Contact.standing.in_(_LIVING), _among(Contact.sort_name, names)),
        select(Contact.id).where(_among(Contact.membership_number, numbers)),
        select(ExternalId.contact_id).where(ExternalId.system == system, _among(ExternalId.value, external)),
        *([_undone_companies(companies)] if companies else []),
        *([_implied_companies(firms, import_id)] if firms else []),
    )


def _undone_companies(names: Collection[str]) -> Any:
    archived = Contact.kind == "company", Contact.standing == "archived", Contact.archive_reason == UNDONE
    return select(Contact.id).where(*archived, _among(Contact.sort_name, names))


def _implied_companies(names: Collection[str], import_id: str) -> Any:
    implied = select(ImportRow.contact_id).join(Contact, Contact.id == ImportRow.contact_id)
    of_import = ImportRow.import_id == import_id, ImportRow.line < 0, Contact.standing == "active"
    return implied.where(*of_import, Contact.kind == "company", _among(Contact.sort_name, names))


def _both_ways(card: Card) -> Iterable[str]:
    """The sort name, also as if first and last name were in each other's column."""
    swapped = card.profile | {"first_name": card.profile["last_name"], "last_name": card.profile["first_name"]}
    return card.sort_name, Card(swapped).sort_name


def _among(column: Any, values: Iterable[str]) -> Any:
    return column == any_(bindparam(None, sorted(values), type_=ARRAY(Text)))


def _tags(work: Any, ids: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    having = select(ContactTag.contact_id, Tag.key).join(Tag, Tag.id == ContactTag.tag_id)
    for contact_id, key in work.session.execute(having.where(ContactTag.contact_id.in_(ids), Tag.system.is_(False))):
        found[contact_id].add(key)
    return found


def _external_ids(work: Any, ids: list[str], system: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    of_system = select(ExternalId.contact_id, ExternalId.value).where(ExternalId.system == system)
    for contact_id, value in work.session.execute(of_system.where(ExternalId.contact_id.in_(ids))):
        found[contact_id].add(value)
    return found


class _Lines(NamedTuple):
    first: int | None = None
    implied_by: int | None = None


def _lines(work: Any, ids: list[str], import_id: str) -> dict[str, _Lines]:
    """The first line of this import that was about each, and whose company it was entered as."""
    line = ImportRow.line
    lines = func.min(line).filter(line > 0), func.max(-line).filter(line < 0)
    of_import = select(ImportRow.contact_id, *lines).where(ImportRow.import_id == import_id)
    found = work.session.execute(of_import.where(ImportRow.contact_id.in_(ids)).group_by(ImportRow.contact_id))
    return defaultdict(_Lines, {row[0]: _Lines(*row[1:]) for row in found})


def _notes(work: Any, ids: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    # Removed ones too: what somebody took away does not come back with the next file.
    marks = select(Note.contact_id, func.md5(Note.text)).where(Note.contact_id.in_(ids))
    for contact_id, mark in work.session.execute(marks):
        found[contact_id].add(mark)
    return found
