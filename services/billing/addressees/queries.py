"""How papers are addressed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from chassis.work import Work
from services.acquaintance import known_contacts
from services.billing.addressees.model import PostalAddress

Addressees = dict[str, dict[str, Any]]
"""By contact, `name` and `address`."""


def addressees_of(work: Work, contact_ids: Collection[str]) -> Addressees:
    """How papers of these contacts are addressed at this moment."""
    kept = PostalAddress.__table__
    name, address = known_contacts.c.display_name, kept.c.address
    found = (
        select(known_contacts.c.contact_id, name, address)
        .outerjoin(kept, kept.c.contact_id == known_contacts.c.contact_id)
        .where(known_contacts.c.contact_id.in_(sorted(contact_ids)))
    )
    return {row.contact_id: {"name": row.display_name, "address": row.address} for row in work.session.execute(found)}
