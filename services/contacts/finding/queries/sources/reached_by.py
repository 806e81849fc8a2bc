"""E-mail addresses, phones and postal addresses: any of the contact's may match."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import literal, select

from services.contacts.addresses.model import Address
from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.people.model import Email, Phone
from services.contacts.people.rules import Unreadable, read_email

_emails: Any = Email.__table__
_phones: Any = Phone.__table__
_addresses: Any = Address.__table__


def _of(part: Any) -> Any:
    return select(literal(1)).select_from(part).where(part.c.contact_id == contacts.c.id)


def _email(value: str) -> str:
    """Whole addresses as they are compared; anything else is a part of one."""
    try:
        return read_email(value)
    except Unreadable:
        return value.lower()


def _digits(value: str) -> str:
    """The digits of a number or of a part of one; `+` at the beginning of a whole one stays."""
    plus = "+" if value.startswith("+") else ""
    return plus + re.sub(r"\D", "", value)


def _country(value: str) -> str:
    return value.upper()


def _place(name: str, label: str, **options: Any) -> Field:
    column = _addresses.c[name.removeprefix("address_")]
    return Field(name=name, label=label, type="text", column=column, through=_of(_addresses).where(column != ""),
                 section="Addresses", **options)  # fmt: skip


FIELDS = (
    Field(name="email", label="E-mail", type="text", column=_emails.c.normalised, through=_of(_emails), folds=False,
          reads=_email, remembered=True, section="Contact data"),
    Field(name="phone", label="Phone", type="text", column=_phones.c.value, through=_of(_phones), folds=False,
          reads=_digits, remembered=True, section="Contact data"),
    _place("address_city", "City"),
    _place("address_region", "Region"),
    _place("address_postal_code", "Postal code"),
    _place("address_country", "Country", folds=False, reads=_country),
    _place("address_street", "Street"),
    _place("address_label", "Label of an address"),
)  # fmt: skip
