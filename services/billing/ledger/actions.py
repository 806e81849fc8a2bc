"""The one place where the books are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from chassis.ids import new_id
from chassis.rows import insert_rows
from chassis.work import Work
from services.billing.ledger.model import LedgerEntry
from services.billing.ledger.rules import Posting, balanced


class Booking(NamedTuple):
    """What is to be posted, of whom, and what caused it."""

    posting: Posting
    contact_id: str
    currency: str
    cause: str
    cause_id: str


def post(work: Work, posting: Posting, *, contact_id: str, currency: str, cause: str, cause_id: str) -> None:
    """Write a transaction that sums to zero; the same cause cannot be posted twice."""
    post_all(work, [Booking(posting, contact_id, currency, cause, cause_id)])


def post_all(work: Work, bookings: Iterable[Booking]) -> None:
    """Write many at once, as `post` does one."""
    rows = [row for booking in bookings for row in _rows(work, booking)]
    insert_rows(work.session, LedgerEntry.__table__, rows)


def _rows(work: Work, booking: Booking) -> list[dict[str, Any]]:
    of = booking._asdict()
    sides = balanced(of.pop("posting")).items()
    of |= {"transaction_id": new_id(), "posted_at": work.now}
    return [{"id": new_id(), "account": account, "amount": amount, **of} for account, amount in sides]
