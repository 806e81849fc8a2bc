"""Who is here by what a file calls those who referred somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from services.contacts.card.rules import Card
from services.contacts.contact.model import Contact
from services.contacts.importing.rules.matching import Crowd
from services.contacts.importing.rules.referring import Key, Referrer, keys_of_words, referrers_in
from services.contacts.importing.rules.rows import Row
from services.contacts.people.model import Email, Phone
from services.contacts.referrals.model import ReferralCode


def referrers_of(work: Any, rows: Sequence[tuple[Row, Card]], crowd: Crowd, region: str) -> Mapping[str, Referrer]:
    """Whom the rows mean by who referred somebody; one statement, and none where no row says it."""
    asked = {row.beside.referrer: set[Key]() for row, _ in rows if row.beside.referrer}
    if not asked:
        return {}
    for words, keys in asked.items():
        keys.update(keys_of_words(words, region))
    return referrers_in(asked, rows, crowd, _here(work, {key for keys in asked.values() for key in keys}))


def _here(work: Any, keys: Iterable[Key]) -> dict[Key, set[str]]:
    """The active contacts of each key."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for kind, value in sorted(keys):
        wanted[kind].append(value)
    by_contact = Contact.id
    looks = [
        _look("code", ReferralCode.code, ReferralCode.contact_id, wanted),
        _look("email", Email.normalised, Email.contact_id, wanted),
        _look("phone", Phone.value, Phone.contact_id, wanted),
        _look("number", Contact.membership_number, by_contact, wanted),
        _look("name", Contact.sort_name, by_contact, wanted),
    ]
    found: dict[Key, set[str]] = defaultdict(set)
    for kind, value, contact_id in work.session.execute(sa.union_all(*looks)):
        found[kind, value].add(contact_id)
    return found


def _look(kind: str, column: Any, contact_id: Any, wanted: Mapping[str, list[str]]) -> Any:
    values = sa.bindparam(None, wanted.get(kind, []), type_=ARRAY(sa.Text))
    look = sa.select(sa.literal(kind), sa.type_coerce(column, sa.Text), contact_id)
    if column.class_ is not Contact:
        look = look.join(Contact, Contact.id == contact_id)
    return look.where(column == sa.any_(values), Contact.standing == "active")
