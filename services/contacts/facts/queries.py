"""Reading the facts of one contact."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from services.contacts.contact.queries import known_contact
from services.contacts.facts.model import FactMark, Facts, nothing_of
from services.contacts.facts.rules import BILLED, SEES_MONEY, spend_of, sum_of
from services.contacts.settings.queries import setting

_SERVICES = sa.text("""
    SELECT data->>'title' AS title, count(*) AS visits, max(at) AS last_at
    FROM fact_marks JOIN projections ON projections.name = 'facts' AND projections.shown = edition
    WHERE contact_id = :contact_id AND kind = 'booking' AND data->>'state' = 'attended'
    GROUP BY 1 ORDER BY visits DESC, last_at DESC, title LIMIT 50
""")
_OTHER_MONEY = sa.text("""
    SELECT data->>'currency' AS currency,
        sum(CASE kind WHEN 'payment' THEN 1 ELSE -1 END * (data->>'amount')::bigint)::bigint AS amount
    FROM fact_marks JOIN projections ON projections.name = 'facts' AND projections.shown = edition
    WHERE contact_id = :contact_id AND kind IN ('payment', 'refund') AND NOT data ? 'credit'
        AND data->>'currency' <> :currency
    GROUP BY 1 ORDER BY 1
""")


def get_facts(work: Any, request: Any) -> dict[str, Any]:
    """Give the figures as of the events heard so far, as far as the reader may; who did nothing yet has noughts."""
    contact_id = known_contact(work, request.contact_id)
    row = work.session.get(Facts, contact_id) or Facts(**nothing_of(contact_id, setting(work, "currency")))
    told = {column.key: getattr(row, column.key) for column in Facts.__table__.columns}
    of_contact = {"contact_id": contact_id, "currency": row.currency}
    spend = spend_of(
        row.lifetime_value,
        row.currency,
        bookings=row.bookings,
        first_purchase_at=row.first_purchase_at,
        now=work.now,
    )
    others = work.session.execute(_OTHER_MONEY, of_contact)
    told |= {
        "spend": spend,
        "other_currencies": [sum_of(other.amount, other.currency) for other in others],
        "services_used": work.session.execute(_SERVICES, of_contact).mappings().all(),
        "withheld": [],
    }
    return told if work.actor.may(SEES_MONEY) else told | dict.fromkeys(BILLED) | {"withheld": ["billing"]}


def next_contacts(work: Any, after: str | None, count: int, edition: int) -> list[str]:
    """The next contacts, by id, that have facts or marks of this edition."""
    found: set[str] = set()
    for column, of_edition in ((Facts.contact_id, sa.true()), (FactMark.contact_id, FactMark.edition == edition)):
        beyond = column > after if after else sa.true()
        asked = sa.select(column.distinct()).where(of_edition, beyond).order_by(column).limit(count)
        found.update(work.session.scalars(asked))
    return sorted(found)[:count]
