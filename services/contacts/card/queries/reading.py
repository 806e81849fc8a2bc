"""One contact, whole, in one statement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Row, Select, bindparam, func, literal_column, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by

from contracts.contacts.words import CONVERTED, STUDIO_CONTROLLED
from contracts.errors import Merged, NotFound
from services.contacts.addresses.model import Address
from services.contacts.card.rules import Card, lists_of
from services.contacts.contact.model import Contact
from services.contacts.external_ids.model import ExternalId
from services.contacts.people.model import Email, Phone
from services.contacts.photos.model import Photo
from services.contacts.photos.queries import link_to

# Tables, not classes: the ORM's way of answering rows takes half as long again.
_contacts: Any = Contact.__table__
_emails: Any = Email.__table__
_phones: Any = Phone.__table__
_addresses: Any = Address.__table__
_photos: Any = Photo.__table__

_LISTS = {"emails", "phones", "addresses", "external_ids"}
_HIDDEN = {"search", "sort_name", "customer_since_told", "changed_by", "archived_at", "archive_reason"} | {
    "first_booked_at",
    "booked_position",
}
_FACTS = [column for column in _contacts.c if column.name not in _HIDDEN]


def _list_of(part: Any, **members: Any) -> Any:
    """A correlated subquery: the rows of the contact as a JSON list of objects with these members."""
    pieces: list[Any] = []
    for name, column in members.items():
        pieces += [literal_column(f"'{name}'"), column]
    one = func.json_build_object(*pieces)
    rows = select(func.json_agg(aggregate_order_by(one, part.c.position))).where(part.c.contact_id == _contacts.c.id)
    return type_coerce(rows.correlate(_contacts).scalar_subquery(), JSON)


def _external_ids_of_the_contact() -> Any:
    """Only where one card is asked for: a list of many is read without."""
    known: Any = ExternalId.__table__.c
    one = func.json_build_object("system", known.system, "value", known.value)
    rows = select(func.json_agg(aggregate_order_by(one, known.system, known.value)))
    mine = rows.where(known.contact_id == _contacts.c.id).correlate(_contacts).scalar_subquery()
    return type_coerce(mine, JSON).label("external_ids")


def _version_of_the_photo() -> Any:
    """Where there is a photo: its version, of which a link to it is made."""
    mine = select(_photos.c.version).where(_photos.c.contact_id == _contacts.c.id, _photos.c.file_key.is_not(None))
    return mine.correlate(_contacts).scalar_subquery().label("photo")


_email, _phone, _address = _emails.c, _phones.c, _addresses.c
CARDS: Select[Any] = select(
    *_FACTS,
    _list_of(_emails, value=_email.value, label=_email.label, primary=_email.is_primary).label("emails"),
    _list_of(
        _phones, value=_phone.value, as_typed=_phone.as_typed, label=_phone.label, primary=_phone.is_primary
    ).label("phones"),
    _list_of(
        _addresses,
        label=_address.label,
        street=_address.street,
        city=_address.city,
        region=_address.region,
        postal_code=_address.postal_code,
        country=_address.country,
        primary=_address.is_primary,
    ).label("addresses"),
    _version_of_the_photo(),
)
"""Everything that a card shows, a row a contact, its e-mails, phones and addresses as lists; made once."""
_ONE = CARDS.add_columns(_external_ids_of_the_contact()).where(_contacts.c.id == bindparam("contact_id"))


def shown(row: Row[Any], now: dt.datetime) -> dict[str, Any]:
    """A row of `CARDS` in the shape of `contracts.contacts.people.Contact`."""
    card = dict(row._mapping)
    card["photo"] = card["photo"] and link_to(card["id"], card["photo"], now)
    for part in card.keys() & _LISTS:
        card[part] = card[part] or []
    return _shown(card)


def shown_as_entered(row: Mapping[str, Any], card: Card) -> dict[str, Any]:
    """What reading would answer of a row of contacts that has just been inserted, and of all that was typed in."""
    facts = {column.name: row.get(column.name) for column in _FACTS}
    return _shown(facts | lists_of(card) | {"external_ids": [], "photo": None})


def _shown(card: dict[str, Any]) -> dict[str, Any]:
    card["lifecycle"] = {
        "state": card["lifecycle"],
        "reason": card["lifecycle_reason"],
        "since": card["lifecycle_since"],
    }
    if card["lead_status"] and card["lifecycle"]["state"] != "lead":
        card["lead_status"] = CONVERTED  # what was typed in is kept for the day that the sale is reversed
    card["studio_controlled"] = card["acquisition"] in STUDIO_CONTROLLED
    return card


def get_contact(work: Any, request: Any) -> dict[str, Any]:
    """Answer the card; a merged id answers Merged with the survivor's."""
    return card_of(work, request.contact_id)


def card_of(work: Any, contact_id: str) -> dict[str, Any]:
    row = work.connection.execute(_ONE, {"contact_id": contact_id}).one_or_none()
    if row is None:
        raise NotFound("There is no contact of this id.")
    if row.merged_into:
        raise Merged("This contact lives on under another id.", survivor=row.merged_into)
    return shown(row, work.now)
