"""What a row adds to a card, what of it is overwritten if that is asked for, and what is left as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contracts.contacts.people import LIMIT_OF_EACH
from services.contacts.addresses.rules import PostalAddress
from services.contacts.card.rules import Card
from services.contacts.contact.rules import fold

NAMES = ("first_name", "last_name", "name")
SINGLE = ("preferred_name", "birthday", "gender", "website", "industry", "location", "source")
_PARTS = ("street", "city", "region", "postal_code", "country")
_OF_PERSONS = ("first_name", "last_name", "preferred_name", "birthday", "gender")


def filled(before: Card, row: Card) -> Card:
    """Add to a card what a row has more; the very same card when that is nothing."""
    profile = dict(before.profile)
    may_fill = list(_single(before))
    if profile["kind"] == row.profile["kind"] == "person" and not (profile["first_name"] or profile["last_name"]):
        may_fill += ["first_name", "last_name"]
    for name in may_fill:
        profile[name] = profile[name] or row.profile[name]
    addresses = _settled(before.addresses, row.addresses, overwrite=False)
    return _added(before, row, profile, addresses, row.fields | before.fields)


def overwritten(before: Card, row: Card) -> Card:
    """Put what a row says in the place of what stands; what it leaves blank stays, as do further e-mails and phones.

    An address takes the place of the one of its label, where each of its parts says something.
    """
    profile = dict(before.profile)
    names = NAMES if profile["kind"] == row.profile["kind"] else ()
    for name in (*names, *_single(before)):
        profile[name] = row.profile[name] or profile[name]
    fields = before.fields | {key: value for key, value in row.fields.items() if value is not None}
    return _added(before, row, profile, _settled(before.addresses, row.addresses, overwrite=True), fields)


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


def _settled(before: list[PostalAddress], more: list[PostalAddress], *, overwrite: bool) -> list[PostalAddress]:
    """Add addresses. One that says no more than a known one adds nothing; blank parts keep what stands.

    What takes the place of the known one of its label is, to `overwrite`, any other, else one that says more.
    """
    kept = list(before)
    new: list[PostalAddress] = []
    taken: set[int] = set()
    for address in more:
        if any(_is_within(address, one) for one in [*kept, *new]):
            continue
        at = _place_for(address, kept, taken, overwrite=overwrite)
        if at is not None:
            taken.add(at)
            kept[at] = _over(kept[at], address)
        elif overwrite or not any(_place(address) == _place(one) for one in [*kept, *new]):
            new.append(address)
    return _joined(kept, new, _written)


def _place_for(address: PostalAddress, kept: list[PostalAddress], taken: set[int], *, overwrite: bool) -> int | None:
    free = [(n, one) for n, one in enumerate(kept) if n not in taken]
    same = [n for n, one in free if overwrite and _place(one) == _place(address)]
    labelled = [n for n, one in free if one.label == address.label and (overwrite or _is_within(one, address))]
    return next(iter([*same, *labelled]), None)


def _over(known: PostalAddress, row: PostalAddress) -> PostalAddress:
    return known._replace(**{part: getattr(row, part) for part in _PARTS if getattr(row, part)})


def _is_within(less: PostalAddress, more: PostalAddress) -> bool:
    """Whether all that one address says stands in another."""
    return all(fold(one) in ("", fold(other)) for one, other in zip(_written(less), _written(more), strict=True))


def _written(address: PostalAddress) -> tuple[str, ...]:
    return tuple(getattr(address, part) for part in _PARTS)


def _place(address: PostalAddress) -> str:
    """Where it is, whatever its region is called."""
    return fold(" ".join([address.street, address.postal_code, address.city, address.country]))
