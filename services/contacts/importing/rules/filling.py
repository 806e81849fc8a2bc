"""What a row adds to a card, what of it is overwritten if that is asked for, and what is left as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contracts.contacts.people import LIMIT_OF_EACH
from services.contacts.addresses.rules import PostalAddress
from services.contacts.card.rules import Card
from services.contacts.contact.rules import fold

NAMES = ("first_name", "last_name", "name")
SINGLE = ("preferred_name", "birthday", "gender", "website", "industry", "location")
_OF_PERSONS = ("first_name", "last_name", "preferred_name", "birthday", "gender")


def filled(before: Card, row: Card) -> Card:
    """Add to a card what a row has more; the very same card when that is nothing."""
    profile = dict(before.profile)
    may_fill = list(_single(before))
    if profile["kind"] == row.profile["kind"] == "person" and not (profile["first_name"] or profile["last_name"]):
        may_fill += ["first_name", "last_name"]
    for name in may_fill:
        profile[name] = profile[name] or row.profile[name]
    addresses = _joined(before.addresses, row.addresses, _place)
    return _added(before, row, profile, addresses, row.fields | before.fields)


def overwritten(before: Card, row: Card) -> Card:
    """Put what a row says in the place of what stands; what it leaves blank stays, as do further e-mails and phones.

    An address takes the place of the one of its label.
    """
    profile = dict(before.profile)
    names = NAMES if profile["kind"] == row.profile["kind"] else ()
    for name in (*names, *_single(before)):
        profile[name] = row.profile[name] or profile[name]
    fields = before.fields | {key: value for key, value in row.fields.items() if value is not None}
    return _added(before, row, profile, _moved(before.addresses, row.addresses), fields)


def _single(card: Card) -> Iterable[str]:
    return (name for name in SINGLE if card.profile["kind"] == "person" or name not in _OF_PERSONS)


def _added(
    before: Card, row: Card, profile: dict[str, Any], addresses: list[PostalAddress], fields: dict[str, Any]
) -> Card:
    emails = _joined(before.emails, row.emails, lambda email: email.normalised)
    phones = _joined(before.phones, row.phones, lambda phone: phone.value)
    same = (profile, fields, addresses) == (before.profile, before.fields, before.addresses) and all(
        len(now) == len(then) for now, then in ((emails, before.emails), (phones, before.phones))
    )
    return before if same else Card(profile, emails, phones, addresses, fields)


def _joined(before: list[Any], more: list[Any], key: Any) -> list[Any]:
    """What was there first, in its order; what is added is primary only where there was nothing."""
    known = {key(item) for item in before}
    added = [item if not before else item._replace(primary=False) for item in more if key(item) not in known]
    return [*before, *added][: max(LIMIT_OF_EACH, len(before))]


def _moved(before: list[PostalAddress], more: list[PostalAddress]) -> list[PostalAddress]:
    known = {_place(address) for address in before}
    new = [address for address in more if _place(address) not in known]
    kept = list(before)
    for address in list(new):
        at = next((n for n, one in enumerate(kept) if one in before and one.label == address.label), None)
        if at is not None:
            kept[at] = address._replace(primary=kept[at].primary)
            new.remove(address)
    return _joined(kept, new, _place)


def _place(address: PostalAddress) -> str:
    return fold(" ".join([address.street, address.postal_code, address.city, address.country]))
