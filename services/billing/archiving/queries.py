"""What stands against archiving."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from chassis.rows import one_of
from chassis.work import Work
from services.billing.assignments.model import Assignment
from services.billing.invoices.model import Invoice
from services.billing.payments.model import Payment
from services.billing.subscriptions.model import RUNNING, Subscription
from services.billing.subscriptions.seats import Seat

_UNTIL_ENDED = ("trial", "membership")
_UNTIL_RUN_OUT = ("credit_pack", "course")
"""One that never runs out would block for ever, and does not."""


def blockers_of(work: Work, contact_ids: Collection[str]) -> dict[str, list[str]]:
    """Every blocker of each of these contacts who has any (C38)."""
    runs = Subscription.state.in_(RUNNING)
    runs_out = and_(Assignment.kind.in_(_UNTIL_RUN_OUT), Assignment.expires_on.is_not(None))
    kind = func.replace(Assignment.kind, "_", " ")
    against = union_all(
        _of(Invoice, contact_ids, literal("There are unsettled dues.")).where(Invoice.state == "open"),
        _of(Payment, contact_ids, literal("There is a pending payment.")).where(
            Payment.state.in_(("pending", "charging"))
        ),
        _of(Subscription, contact_ids, literal("There is a subscription that is not over.")).where(runs),
        _of(Assignment, contact_ids, func.concat("There is an active ", kind, ".")).where(
            Assignment.state == "active", or_(Assignment.kind.in_(_UNTIL_ENDED), runs_out)
        ),
        _of(Seat, contact_ids, literal("There is a shared membership."))
        .join(Subscription, Subscription.id == Seat.subscription_id)
        .where(Seat.left_at.is_(None), runs),
    )
    found: dict[str, list[str]] = {}
    for contact_id, reason in work.session.execute(select(*against.subquery().c).distinct().order_by("reason")):
        found.setdefault(contact_id, []).append(reason)
    return found


def _of(table: Any, contact_ids: Collection[str], reason: Any) -> Select[Any]:
    return select(table.contact_id, reason.label("reason")).where(one_of(table.contact_id, contact_ids))
