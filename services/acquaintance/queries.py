"""Knowing a contact: from memory, or by asking once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from environs import Env
from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.rows import one_of, plain_rows, upserting
from contracts.contacts import people
from contracts.contacts.settings import LABELS
from contracts.currencies import CURRENCIES
from contracts.errors import Conflict, Merged
from services.acquaintance.model import known_contacts, known_settings
from services.acquaintance.rules import Business, KnownContact, business_of

_KEEP = upserting(known_contacts, lambda there, coming: there.version <= coming.version)
_KEEP_NEWER = upserting(known_contacts, lambda there, coming: there.version < coming.version)


def known_contact(work: Any, contact_id: str, *, active: bool = False) -> KnownContact:
    """Tell who a contact is, asking contacts if that is not known here; do this first, before anything is written.

    Refuses with NotFound whom contacts does not know either, with Merged who lives on under another id, and, when
    they must be `active` (to be sold or sent something), with Conflict who is archived.
    """
    known = recall(work.reading, [contact_id]).get(contact_id)
    if known is None or not known.complete:
        known = recognise(work, meet_contact(work, contact_id))
    if known.standing == "merged":
        raise Merged("This contact was merged into another.", survivor=known.merged_into)
    if active and known.standing != "active":
        raise Conflict(f"{known.display_name} is {known.standing}. Restore the contact first.")
    return known


def meet_contact(work: Any, contact_id: str) -> Mapping[str, Any]:
    """Ask contacts for the whole of a contact."""
    return work.ask(people.get_contact, contact_id=contact_id)


def recognise(work: Any, contact: Mapping[str, Any]) -> KnownContact:
    """Remember a contact just asked for, unless something newer has been heard of it."""
    known = KnownContact(
        contact_id=contact["id"],
        display_name=contact["display_name"],
        first_name=contact.get("preferred_name") or contact.get("first_name"),
        email=_primary_email(contact),
        standing=contact["standing"],
        version=contact["version"],
        complete=True,
        standing_version=contact["version"],
    )
    keep(work, [known])
    return known


def recall(session: Session, contact_ids: Iterable[str], *, lock: bool = False) -> dict[str, KnownContact]:
    """What is remembered of these contacts, by id."""
    wanted = select(known_contacts).where(one_of(known_contacts.c.contact_id, contact_ids))
    if lock:
        wanted = wanted.order_by(known_contacts.c.contact_id).with_for_update()
    return {row.contact_id: KnownContact(**row._mapping) for row in session.execute(wanted)}


def keep(work: Any, contacts: Iterable[KnownContact], *, only_newer: bool = False) -> None:
    """Write memories down in one statement, over what is as old or older; with `only_newer`, over what is older."""
    rows = [asdict(contact) for contact in sorted(contacts, key=lambda contact: contact.contact_id)]
    if rows:
        work.session.execute(_KEEP_NEWER if only_newer else _KEEP, plain_rows(rows))


def known_business(work: Any) -> Business:
    """What the business says of itself: as its settings tell, else as the environment does."""
    told = select(known_settings.c.key, known_settings.c.value)
    return business_of(dict(work.session.execute(told).tuples().all()), business_by_environment())


def known_setting(work: Any, key: str, otherwise: Any) -> Any:
    """One setting as the business said it, else what holds until it does."""
    told = work.session.scalar(select(known_settings.c.value).where(known_settings.c.key == key))
    return otherwise if told is None else told


@cache
def business_by_environment() -> Business:
    """An unknown time zone stops whoever asks with its name, and so does an unknown currency."""
    env = Env()
    currency = env.str("RAPPORT_CURRENCY", "EUR").strip().upper()
    if currency not in CURRENCIES:
        raise ValueError(f"RAPPORT_CURRENCY: there is no currency {currency} (ISO 4217).")
    return Business(
        name=env.str("RAPPORT_BUSINESS_NAME", "").strip(),
        zone=ZoneInfo(env.str("RAPPORT_TIME_ZONE", "UTC").strip()),
        currency=currency,
        labels=LABELS,
    )


def _primary_email(contact: Mapping[str, Any]) -> str | None:
    emails = contact.get("emails") or []
    chosen = next((email for email in emails if email.get("primary")), emails[0] if emails else None)
    return chosen["value"] if chosen else None
