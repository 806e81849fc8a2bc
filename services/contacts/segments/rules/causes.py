"""Which event let a contact enter or leave a segment, and how that is said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from contracts.language import Event
from services.contacts.facts.rules import BILLED, FIGURES_OF_BOOKINGS
from services.contacts.timeline.rules import summary_of

_TOUCHES = {
    "contact.lifecycle_changed": {"lifecycle", "lifecycle_since", "lead_status", "customer_since", "membership_number"},
    "contact.tagged": {"tags"},
    "contact.untagged": {"tags"},
    "group.joined": {"groups"},
    "group.left": {"groups"},
    "affiliation.added": {"company", "company_role"},
    "affiliation.changed": {"company", "company_role"},
    "affiliation.removed": {"company", "company_role"},
    "external_id.added": {"external_id", "external_system"},
    "external_id.removed": {"external_id", "external_system"},
    "preferences.changed": {"preferred_contact_method"},
    "club_access.changed": {"club_access"},
}
_MEMBERS = {
    "emails": ("email",),
    "phones": ("phone",),
    "addresses": ("address_",),
    "birthday": ("birthday", "age"),
    "fields": ("fields.",),
    "consent": ("consent_",),
}
"""Which fields of the filter language are meant by a member of a change; one that ends openly means all that go on."""
_BOOKED = {
    "visits_within", "bookings_within", "cancellations_within", "no_shows_within", "next_booking_at",
    *FIGURES_OF_BOOKINGS,
}  # fmt: skip
_HEARD = {
    "contact", "group", "affiliation", "external_id", "consent", "preferences", "club_access", "booking",
}  # fmt: skip
"""The things that a filter may ask about, whatever happens to them."""
_ALONE = ("contact.tagged", "contact.untagged", "group.joined", "group.left")
"""What touches nothing else of the contact."""
_NAMES = ("first_name", "last_name", "preferred_name", "name")


def may_matter(events: Iterable[Event]) -> list[Event]:
    """The events of contacts after which somebody may match another segment."""
    return [event for event in events if event.service == "contacts" and event.type.partition(".")[0] in _HEARD]


def may_move(event: Any, fields: Collection[str]) -> bool:
    """Whether after it somebody may match a filter that asks about these fields and did not, or no more.

    Of most events that is not ruled out: they may change more than they say, and be it when the contact was changed.
    """
    if event.type == "contact.facts_changed":  # a fact is asked about by its own name
        return any(name in fields for name in event.data["changes"])
    return event.type not in _ALONE or not _TOUCHES[event.type].isdisjoint(fields)


def cause_of(events: Sequence[Any], fields: Collection[str]) -> Any | None:
    """The latest event that touches one of the fields, else the latest that may touch anything; None: none of them."""
    events = [event for event in events if event.type.partition(".")[0] in _HEARD]
    for event in reversed(events):
        touched = touched_by(event)
        if touched is not None and _meet(touched, fields):
            return event
    return next((event for event in reversed(events) if touched_by(event) is None), None)


def touched_by(event: Any) -> set[str] | None:
    """What an event changed, as the filter language names it; None when that may be anything."""
    kind = event.type.partition(".")[0]
    if event.type in _TOUCHES:
        return _TOUCHES[event.type]
    if kind == "booking":
        return _BOOKED
    if event.type == "consent.changed":
        return set(_MEMBERS["consent"])
    changes = event.data.get("changes")
    if not isinstance(changes, Mapping):
        return None
    touched = {name for member in changes for name in _MEMBERS.get(member, (member,))}
    return touched | ({"display_name"} if touched & set(_NAMES) else set())


def _meet(touched: set[str], fields: Collection[str]) -> bool:
    if "standing" in touched:  # who is not active is in none
        return True
    openly = tuple(name for name in touched if name.endswith(("_", ".")))
    return any(field in touched or (openly and field.startswith(openly)) for field in fields)


def words_of(event: Any, fields: Collection[str], labels: Mapping[str, str]) -> str:
    """What happened, and how it changed what the segment asks about."""
    changes = event.data.get("changes")
    told = [
        f"{labels.get(name, name)} {_told(name, change)}"
        for name, change in (changes or {}).items()
        if name in fields and isinstance(change, Mapping)
    ]
    if not told:
        return summary_of(event.type, event.data)
    source = (event.data.get("cause") or {}).get("type") or event.type
    return f"{source.replace('.', ' ').replace('_', ' ').capitalize()}: {', '.join(told)}"[:500]


def _told(name: str, change: Mapping[str, Any]) -> str:
    """What it was and is; of money not how much, for these words are read by who may not see billing."""
    return "changed" if name in BILLED else f"{_value(change.get('before'))} → {_value(change.get('after'))}"


def _value(value: Any) -> str:
    return "none" if value is None else str(value)[:100]
