"""The account of a contact, over all the rooms of billing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.work import Work
from contracts.language import Request
from services.billing.assignments.model import Assignment
from services.billing.cards_on_file import queries as cards
from services.billing.invoices.queries import dues_of
from services.billing.ledger.queries import spent_of
from services.billing.orders import queries as orders
from services.billing.payments import queries as payments
from services.billing.payments.model import Payment
from services.billing.plans import queries as plans
from services.billing.plans.model import PaymentPlan
from services.billing.sharing.queries import memberships_shared_with
from services.billing.subscriptions import queries as subscriptions
from services.billing.subscriptions.free_cycles import count_waiting
from services.billing.subscriptions.model import Subscription

NEWEST = 20
COURSE = "course"


def get_account(work: Work, request: Request) -> dict[str, Any]:
    """What the contact has, ordered, paid and owes."""
    return {
        "contact_id": request.contact_id,
        "packages": _newest(work, Assignment, request.contact_id),
        "courses": _newest(work, Assignment, request.contact_id, Assignment.kind == COURSE),
        "subscriptions": subscriptions.all_shown(work, _newest(work, Subscription, request.contact_id)),
        "shared_memberships": memberships_shared_with(work, request.contact_id),
        "free_cycles": count_waiting(work, request.contact_id),
        "cards": [cards.shown(work, card) for card in cards.cards_on_file(work, request.contact_id)],
        "orders": orders.newest_orders(work, request.contact_id, NEWEST),
        "payment_plans": [plans.shown(plan) for plan in _newest(work, PaymentPlan, request.contact_id)],
        "payments": [payments.shown(payment) for payment in _newest(work, Payment, request.contact_id)],
        "dues": dues_of(work, request.contact_id),
        "spent": spent_of(work, request.contact_id),
    }


def _newest(work: Work, table: Any, contact_id: str, *which: Any) -> list[Any]:
    found = select(table).where(table.contact_id == contact_id, *which).order_by(table.id.desc()).limit(NEWEST)
    return list(work.session.scalars(found))
