"""Reading whom to call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, page_of
from contracts.errors import NotFound
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import reached_contact
from services.contacts.emergency.model import EmergencyContact

_called: Any = EmergencyContact.__table__
_people: Any = Contact.__table__
_ALL = sa.select(*_called.c, _people.c.display_name, _people.c.standing).join_from(
    _called, _people, _people.c.id == _called.c.person_id, isouter=True
)


def list_emergency_contacts(work: Any, request: Any) -> dict[str, Any]:
    statement = _ALL.where(_called.c.contact_id == reached_contact(work, request.contact_id))
    page = page_of(work, statement, keys_for(request.sort, oldest=[_called.c.id]), request)
    return {**page, "items": [_shown(work, row) for row in page["items"]]}


def names_to_call(work: Any, contact_ids: Sequence[str]) -> dict[str, set[str]]:
    """By what names, in lower case, each of these has somebody to call."""
    found: dict[str, set[str]] = defaultdict(set)
    wanted = sa.select(_called.c.contact_id, _called.c.name).where(_called.c.contact_id.in_(contact_ids))
    for contact_id, name in work.session.execute(wanted):
        found[contact_id].add(name.casefold())
    return found


def get_emergency_contact(work: Any, request: Any) -> dict[str, Any]:
    return emergency_contact_of(work, request.emergency_contact_id)


def emergency_contact_of(work: Any, emergency_contact_id: str) -> dict[str, Any]:
    """One, if it is within the reach of who asks."""
    row = work.session.execute(_ALL.where(_called.c.id == emergency_contact_id)).one_or_none()
    if row is None or (work.actor.role == "member" and work.actor.id != row.contact_id):
        raise NotFound("There is no such emergency contact.")
    return _shown(work, row)


def _shown(work: Any, row: sa.Row[Any]) -> dict[str, Any]:
    """Whether the person is known to the business, a member is not told."""
    person = None
    if row.person_id and work.actor.role != "member":
        person = {"id": row.person_id, "display_name": row.display_name, "standing": row.standing}
    return {**row._mapping, "person": person}
