"""Cards of many contacts, read back in the form in which they are judged and compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import select

from services.contacts.addresses.model import Address
from services.contacts.addresses.rules import PostalAddress
from services.contacts.card.rules import READERS, Card, EmailKey, PhoneKey
from services.contacts.contact.model import Contact
from services.contacts.people.model import Email, Phone
from services.contacts.people.rules import EmailAddress, PhoneNumber, read_phone


class Kept(NamedTuple):
    """A card as it stands; `shared` are its keys that another contact has too."""

    card: Card
    shared: set[EmailKey | PhoneKey]


def cards_of(work: Any, contacts: Iterable[Contact]) -> dict[str, Kept]:
    """Answer the cards by contact id; three statements for all."""
    kept = {contact.id: Kept(Card(_profile(contact), fields=contact.fields), set()) for contact in contacts}
    for contact_id, parts in _parts(work, Email, kept).items():
        card, shared = kept[contact_id]
        card.emails = [EmailAddress(part.value, part.normalised, part.label, part.is_primary) for part in parts]
        shared.update(part.normalised for part in parts if not part.exclusive)
    for contact_id, parts in _parts(work, Phone, kept).items():
        card, shared = kept[contact_id]
        card.phones = [_phone(part) for part in parts]
        shared.update((part.value, part.name_key) for part in parts if not part.exclusive)
    for contact_id, parts in _parts(work, Address, kept).items():
        kept[contact_id].card.addresses = [_address(part) for part in parts]
    return kept


def _parts(work: Any, part: Any, contact_ids: Iterable[str]) -> dict[str, list[Any]]:
    table = part.__table__
    found: dict[str, list[Any]] = defaultdict(list)
    wanted = select(table).where(table.c.contact_id.in_(list(contact_ids)))
    for row in work.session.execute(wanted.order_by(table.c.contact_id, table.c.position)):
        found[row.contact_id].append(row)
    return found


def _profile(contact: Contact) -> dict[str, Any]:
    return {"kind": contact.kind, **{name: getattr(contact, name) for name in READERS}}


def _phone(part: Any) -> PhoneNumber:
    _, national = read_phone(part.value, "")
    return PhoneNumber(part.value, part.as_typed, national, part.label, part.is_primary)


def _address(part: Any) -> PostalAddress:
    return PostalAddress(
        part.label, part.street, part.city, part.region, part.postal_code, part.country, part.is_primary
    )
