"""Letting customers in."""

from __future__ import annotations

from typing import Any

from contracts.contacts.club_access import club_access_changed
from contracts.errors import Conflict, Invalid
from services.contacts.club_access.model import ClubAccess
from services.contacts.club_access.rules import may_enter, shown
from services.contacts.contact.actions import hold_contact
from services.contacts.settings.queries import open_locations
from services.contacts.settings.rules import compared


def set_club_access(work: Any, request: Any) -> dict[str, Any]:
    """Say where a customer may enter, in place of what was said before."""
    contact = hold_contact(work, request.contact_id)
    access = work.session.get(ClubAccess, contact.id)
    work.expect(access.version if access else 0)
    if not may_enter(contact):
        raise Conflict(f"Only customers have club access; {contact.lifecycle_reason}.", lifecycle=contact.lifecycle)
    keys = _keys_of(work, request.locations, known=access.locations if access else [])
    before = access.open_to if access else []
    if access and before == keys:
        return shown(contact, access)
    if access is None:
        access = ClubAccess(contact_id=contact.id, version=0)
        work.session.add(access)
    access.locations = keys
    _note(work, access, before, suspended=False, reason="set by hand")
    return shown(contact, access)


def suspend_or_resume(work: Any, access: ClubAccess, *, suspended: bool, reason: str) -> None:
    """Close the doors to who is no customer any more, or open those that were open before; harmless when it is so."""
    if access.suspended != suspended:
        _note(work, access, access.open_to, suspended=suspended, reason=reason)


def _note(work: Any, access: ClubAccess, before: list[str], *, suspended: bool, reason: str) -> None:
    access.suspended = suspended
    access.version += 1
    access.changed_at, access.changed_by = work.now, work.cause_of(access.contact_id).actor.id
    after = access.open_to
    if before != after:
        told = {"before": before, "after": after, "reason": reason, "version": access.version}
        work.record(club_access_changed, access.contact_id, **told)


def _keys_of(work: Any, named: list[str], *, known: list[str]) -> list[str]:
    """The locations by key; one that was archived meanwhile stays with who has it."""
    keys = {**open_locations(work).keys, **{key: key for key in known}}
    found = [keys.get(compared(name)) for name in named]
    unknown = [n for n, key in enumerate(found) if key is None]
    if unknown:
        detail = "No location has this name or key."
        raise Invalid(detail, [{"pointer": f"/locations/{n}", "detail": detail} for n in unknown])
    return sorted({key for key in found if key})
