"""Who is known elsewhere, and as what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, page_of
from contracts.errors import NotFound
from services.contacts.contact.queries import known_contact
from services.contacts.external_ids.model import ExternalId
from services.contacts.external_ids.rules import system_key


def list_external_ids(work: Any, request: Any) -> dict[str, Any]:
    """List the ids of a contact, or who has an id."""
    statement = select(ExternalId)
    if request.contact_id:
        statement = statement.where(ExternalId.contact_id == known_contact(work, request.contact_id))
    if request.system:
        statement = statement.where(ExternalId.system == system_key(request.system))
    if request.value:
        statement = statement.where(ExternalId.value == request.value)
    keys = keys_for(request.sort, value=[ExternalId.system, ExternalId.value])
    return page_of(work, statement, keys, request)


def get_external_id(work: Any, request: Any) -> ExternalId:
    """Answer one id of a contact, and since when it is known."""
    contact_id = known_contact(work, request.contact_id)
    return kept_id(work, contact_id, system_key(request.system), request.value)


def kept_id(work: Any, contact_id: str, system: str, value: str) -> ExternalId:
    """The row of an id that this very contact has."""
    kept = work.session.get(ExternalId, (system, value))
    if kept is None or kept.contact_id != contact_id:
        raise NotFound("The contact has no such id.")
    return kept
