"""Who is known elsewhere, and as what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import page_of
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
    return page_of(work, statement, [ExternalId.system, ExternalId.value], request)
