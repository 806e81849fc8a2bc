"""What a row adds to a card, and what it does not."""

from __future__ import annotations

from typing import Any

from contracts.contacts.people import LIMIT_OF_EACH
from services.contacts.card.rules import Card
from services.contacts.contact.rules import fold

FILLED = ("preferred_name", "birthday", "gender", "website", "industry", "location")
_OF_PERSONS = ("first_name", "last_name", "preferred_name", "birthday", "gender")


def filled(before: Card, row: Card) -> Card:
    """Add to a card what a row has more; the very same card when that is nothing."""
    profile = dict(before.profile)
    may_fill = [name for name in FILLED if profile["kind"] == "person" or name not in _OF_PERSONS]
    if profile["kind"] == row.profile["kind"] == "person" and not (profile["first_name"] or profile["last_name"]):
        may_fill += ["first_name", "last_name"]
    for name in may_fill:
        profile[name] = profile[name] or row.profile[name]
    emails = _joined(before.emails, row.emails, lambda email: email.normalised)
    phones = _joined(before.phones, row.phones, lambda phone: phone.value)
    addresses = _joined(before.addresses, row.addresses, _place)
    fields = row.fields | before.fields
    same = (profile, fields) == (before.profile, before.fields) and all(
        len(now) == len(then)
        for now, then in ((emails, before.emails), (phones, before.phones), (addresses, before.addresses))
    )
    return before if same else Card(profile, emails, phones, addresses, fields)


def _joined(before: list[Any], more: list[Any], key: Any) -> list[Any]:
    """What was there first, in its order; what is added is primary only where there was nothing."""
    known = {key(item) for item in before}
    added = [item if not before else item._replace(primary=False) for item in more if key(item) not in known]
    return [*before, *added][: max(LIMIT_OF_EACH, len(before))]


def _place(address: Any) -> str:
    return fold(" ".join([address.street, address.postal_code, address.city, address.country]))
