"""The one place where the books are written."""

from __future__ import annotations

from chassis.ids import new_id
from chassis.work import Work
from services.billing.ledger.model import LedgerEntry
from services.billing.ledger.rules import Posting, balanced


def post(work: Work, posting: Posting, *, contact_id: str, currency: str, cause: str, cause_id: str) -> None:
    """Write a transaction that sums to zero; the same cause cannot be posted twice."""
    transaction_id = new_id()
    work.session.add_all(
        LedgerEntry(
            id=new_id(),
            transaction_id=transaction_id,
            contact_id=contact_id,
            account=account,
            amount=amount,
            currency=currency,
            cause=cause,
            cause_id=cause_id,
            posted_at=work.now,
        )
        for account, amount in balanced(posting).items()
    )
