"""Who has this e-mail address, or this phone under this name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from services.contacts.contact.model import Contact
from services.contacts.people.model import Email, Phone


class Bearer(NamedTuple):
    """A contact that has the e-mail address, or the phone and name, asked for."""

    contact_id: str
    display_name: str


def _among(column: Any, values: Iterable[str]) -> Any:
    """`column = ANY(array)`: one parameter however many values, so that one statement is compiled once."""
    return column == any_(bindparam(None, list(values), type_=ARRAY(Text)))


def bearers_of_emails(work: Any, normalised: Iterable[str]) -> dict[str, list[Bearer]]:
    """The active contacts that have one of these addresses in their normalised form, by address."""
    found: dict[str, list[Bearer]] = defaultdict(list)
    wanted = sorted(set(normalised))
    if wanted:
        rows = work.session.execute(
            select(Email.normalised, Contact.id, Contact.display_name)
            .join(Contact, Contact.id == Email.contact_id)
            .where(_among(Email.normalised, wanted), or_(Contact.standing == "active", Email.exclusive))
            .order_by(Contact.id)
        )
        for address, contact_id, name in rows:
            found[address].append(Bearer(contact_id, name))
    return found


def bearers_of_phones(work: Any, numbers: Iterable[str]) -> dict[tuple[str, str], list[Bearer]]:
    """The active contacts that have one of these numbers (E.164), by number and folded name."""
    found: dict[tuple[str, str], list[Bearer]] = defaultdict(list)
    wanted = sorted(set(numbers))
    if wanted:
        rows = work.session.execute(
            select(Phone.value, Phone.name_key, Contact.id, Contact.display_name)
            .join(Contact, Contact.id == Phone.contact_id)
            .where(_among(Phone.value, wanted), or_(Contact.standing == "active", Phone.exclusive))
            .order_by(Contact.id)
        )
        for number, name_key, contact_id, name in rows:
            found[number, name_key].append(Bearer(contact_id, name))
    return found
