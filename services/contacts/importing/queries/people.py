"""Everybody here whom the rows of a step could be about, whole, in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Text, any_, bindparam, func, select, union
from sqlalchemy.dialects.postgresql import ARRAY

from services.contacts.card.queries.cards import cards_of
from services.contacts.card.rules import Card
from services.contacts.contact.actions import hold_contacts
from services.contacts.contact.model import Contact
from services.contacts.importing.rules.matching import Person
from services.contacts.notes.model import Note
from services.contacts.people.model import Email, Phone
from services.contacts.tags.model import ContactTag, Tag

_LIVING = ("active", "archived")


def people_like(work: Any, cards: Sequence[Card]) -> list[Person]:
    """Give all who share an e-mail, a phone or a bare name with one of these cards, the oldest first.

    They are held until the step ends, so that nobody changes them between the look and the change.
    """
    ids = list(work.session.scalars(_alike(cards)))
    if not ids:
        return []
    contacts = [contact for contact in hold_contacts(work, ids).values() if contact.standing in _LIVING]
    kept, tags, notes = cards_of(work, contacts), _tags(work, ids), _notes(work, ids)
    return [
        Person(
            kept[contact.id].card,
            id=contact.id,
            before=kept[contact.id].card,
            archived=contact.standing != "active",
            has_told_since=contact.customer_since_told is not None,
            tags=tags[contact.id],
            notes=notes[contact.id],
        )
        for contact in contacts
    ]


def _alike(cards: Sequence[Card]) -> Any:
    emails = {email.normalised for card in cards for email in card.emails}
    phones = {phone.value for card in cards for phone in card.phones}
    names = {name for card in cards if not (card.emails or card.phones) for name in _both_ways(card)}
    return union(
        select(Email.contact_id).where(_among(Email.normalised, emails)),
        select(Phone.contact_id).where(_among(Phone.value, phones)),
        select(Contact.id).where(Contact.standing.in_(_LIVING), _among(Contact.sort_name, names)),
    )


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


def _notes(work: Any, ids: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    marks = select(Note.contact_id, func.md5(Note.text)).where(Note.contact_id.in_(ids))
    for contact_id, mark in work.session.execute(marks):
        found[contact_id].add(mark)
    return found
