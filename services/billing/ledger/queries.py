"""What the books say of a contact."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, cast, func, select

from chassis.work import Work
from services.billing.base import money
from services.billing.ledger.model import LedgerEntry
from services.billing.ledger.rules import MONEY_ACCOUNTS


def spent_of(work: Work, contact_id: str) -> list[dict[str, Any]]:
    """What the contact paid and was not given back, one sum per currency."""
    total = cast(func.sum(LedgerEntry.amount), BigInteger)
    kept = (
        select(LedgerEntry.currency, total)
        .where(LedgerEntry.contact_id == contact_id, LedgerEntry.account.in_(MONEY_ACCOUNTS))
        .group_by(LedgerEntry.currency)
        .order_by(LedgerEntry.currency)
    )
    return [money(amount, currency) for currency, amount in work.session.execute(kept) if amount]
