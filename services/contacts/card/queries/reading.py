"""One contact, whole, in one statement."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Row, Select, bindparam, func, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute

from contracts.contacts.words import STUDIO_CONTROLLED
from contracts.errors import Merged, NotFound
from services.contacts.addresses.model import Address
from services.contacts.contact.model import Contact
from services.contacts.people.model import Email, Phone

_HIDDEN = {"search", "sort_name", "customer_since_told", "changed_by"}
_FACTS = [column for column in Contact.__table__.c if column.name not in _HIDDEN]


def _list_of(part: type[Email | Phone | Address], **members: InstrumentedAttribute[Any]) -> Any:
    one = func.json_build_object(*(piece for name, column in members.items() for piece in (name, column)))
    all_of_them = select(func.json_agg(aggregate_order_by(one, part.position))).where(part.contact_id == Contact.id)
    return type_coerce(all_of_them.correlate(Contact).scalar_subquery(), JSON)


def select_cards() -> Select[Any]:
    """Everything that a card shows, a row a contact, its e-mails, phones and addresses as lists."""
    return select(
        *_FACTS,
        _list_of(Email, value=Email.value, label=Email.label, primary=Email.is_primary).label("emails"),
        _list_of(Phone, value=Phone.value, as_typed=Phone.as_typed, label=Phone.label, primary=Phone.is_primary).label(
            "phones"
        ),
        _list_of(
            Address,
            label=Address.label,
            street=Address.street,
            city=Address.city,
            region=Address.region,
            postal_code=Address.postal_code,
            country=Address.country,
            primary=Address.is_primary,
        ).label("addresses"),
    )


_ONE = select_cards().where(Contact.id == bindparam("contact_id"))


def shown(row: Row[Any]) -> dict[str, Any]:
    """A row of `select_cards` in the shape of `contracts.contacts.people.Contact`."""
    card = dict(row._mapping)
    for part in ("emails", "phones", "addresses"):
        card[part] = card[part] or []
    card["lifecycle"] = {
        "state": card["lifecycle"],
        "reason": card["lifecycle_reason"],
        "since": card["lifecycle_since"],
    }
    card["studio_controlled"] = card["acquisition"] in STUDIO_CONTROLLED
    return card


def get_contact(work: Any, request: Any) -> dict[str, Any]:
    """Answer the card; a merged id answers Merged with the survivor's."""
    return card_of(work, request.contact_id)


def card_of(work: Any, contact_id: str) -> dict[str, Any]:
    row = work.session.execute(_ONE, {"contact_id": contact_id}).one_or_none()
    if row is None:
        raise NotFound("There is no contact of this id.")
    if row.merged_into:
        raise Merged("This contact lives on under another id.", survivor=row.merged_into)
    return shown(row)
