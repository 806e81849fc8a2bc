"""Keeping the e-mail addresses and phone numbers of many contacts at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete

from chassis.rows import Part
from services.contacts.people.model import Email, Phone
from services.contacts.people.rules import EmailAddress, PhoneNumber


def email_rows(contact_id: str, emails: Iterable[EmailAddress], shared: Collection[Any] = ()) -> list[dict[str, Any]]:
    """The rows of one contact; `shared` addresses are also another's, who was said not to be the same."""
    return [
        {
            "contact_id": contact_id,
            "position": position,
            "value": email.value,
            "normalised": email.normalised,
            "label": email.label,
            "is_primary": email.primary,
            "exclusive": email.normalised not in shared,
        }
        for position, email in enumerate(emails)
    ]


def phone_rows(
    contact_id: str, phones: Iterable[PhoneNumber], name_key: str, shared: Collection[Any] = ()
) -> list[dict[str, Any]]:
    """The rows of one contact whose folded name is `name_key`; `shared` holds pairs of number and name."""
    return [
        {
            "contact_id": contact_id,
            "position": position,
            "value": phone.value,
            "as_typed": phone.as_typed,
            "label": phone.label,
            "is_primary": phone.primary,
            "name_key": name_key,
            "exclusive": (phone.value, name_key) not in shared,
        }
        for position, phone in enumerate(phones)
    ]


def email_part(rows: list[dict[str, Any]]) -> Part:
    """The addresses to insert; left out are those that somebody else took in this very moment."""
    # In one order for everyone: two imports of the same people would else lock each other in a knot.
    return Part(Email.__table__, sorted(rows, key=lambda row: row["normalised"]), "emails_of_one")


def phone_part(rows: list[dict[str, Any]]) -> Part:
    """The numbers to insert; left out are those that somebody else of that name took in this very moment."""
    return Part(Phone.__table__, sorted(rows, key=lambda row: (row["value"], row["name_key"])), "phones_of_one")


def drop_emails(work: Any, contact_ids: Collection[str]) -> None:
    if contact_ids:
        work.session.execute(delete(Email).where(Email.contact_id.in_(contact_ids)))


def drop_phones(work: Any, contact_ids: Collection[str]) -> None:
    if contact_ids:
        work.session.execute(delete(Phone).where(Phone.contact_id.in_(contact_ids)))
