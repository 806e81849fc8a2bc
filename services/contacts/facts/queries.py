"""Reading the facts of one contact."""

from __future__ import annotations

from typing import Any

from services.contacts.contact.queries import known_contact
from services.contacts.facts.model import Facts
from services.contacts.facts.rules import business_currency, spend_of


def get_facts(work: Any, request: Any) -> dict[str, Any]:
    """Give the figures as of the events heard so far; of whom nothing was heard yet, noughts."""
    contact_id = known_contact(work, request.contact_id)
    row = work.session.get(Facts, contact_id) or _nothing_yet(contact_id)
    told = {column.key: getattr(row, column.key) for column in Facts.__table__.columns}
    spend = spend_of(
        row.lifetime_value,
        row.currency,
        bookings=row.bookings,
        first_purchase_at=row.first_purchase_at,
        now=work.now,
    )
    return told | {"spend": spend, "other_currencies": [], "services_used": []}


def _nothing_yet(contact_id: str) -> Facts:
    counts = ("lifetime_value", "purchases", "dues", "bookings", "visits", "cancellations", "late_cancellations")
    noughts = dict.fromkeys((*counts, "no_shows"), 0)
    return Facts(contact_id=contact_id, currency=business_currency(), had_subscription=False, trial=False, **noughts)
