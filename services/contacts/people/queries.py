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


# Tables, not classes, and built once: as objects made anew they took as long as all the rest of entering a contact.
_contacts: Any = Contact.__table__
_emails: Any = Email.__table__
_phones: Any = Phone.__table__


def _bearers(part: Any, *keys: Any) -> Any:
    """Who has one of the values of the parameter `wanted`: one array however many, so that it is compiled once."""
    return (
        select(*keys, _contacts.c.id, _contacts.c.display_name)
        .join(_contacts, _contacts.c.id == part.c.contact_id)
        .where(
            keys[0] == any_(bindparam("wanted", type_=ARRAY(Text))),
            or_(_contacts.c.standing == "active", part.c.exclusive),
        )
        .order_by(_contacts.c.id)
    )


_OF_EMAILS = _bearers(_emails, _emails.c.normalised)
_OF_PHONES = _bearers(_phones, _phones.c.value, _phones.c.name_key)


def bearers_of_emails(work: Any, normalised: Iterable[str]) -> dict[str, list[Bearer]]:
    """The active contacts that have one of these addresses in their normalised form, by address."""
    found: dict[str, list[Bearer]] = defaultdict(list)
    wanted = sorted(set(normalised))
    if wanted:
        for address, contact_id, name in work.connection.execute(_OF_EMAILS, {"wanted": wanted}):
            found[address].append(Bearer(contact_id, name))
    return found


def bearers_of_phones(work: Any, numbers: Iterable[str]) -> dict[tuple[str, str], list[Bearer]]:
    """The active contacts that have one of these numbers (E.164), by number and folded name."""
    found: dict[tuple[str, str], list[Bearer]] = defaultdict(list)
    wanted = sorted(set(numbers))
    if wanted:
        for number, name_key, contact_id, name in work.connection.execute(_OF_PHONES, {"wanted": wanted}):
            found[number, name_key].append(Bearer(contact_id, name))
    return found
