"""What the books say of a contact."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, cast, func, select

from chassis.work import Work
from services.billing.base import money
from services.billing.ledger.model import LedgerEntry
from services.billing.ledger.rules import MONEY_ACCOUNTS, RECEIVABLE


def sums_of(work: Work, contact_id: str) -> dict[str, list[dict[str, Any]]]:
    """What the contact owes, and what was paid and kept, each one sum per currency."""
    total = cast(func.sum(LedgerEntry.amount), BigInteger)
    rows = work.session.execute(
        select(LedgerEntry.account, LedgerEntry.currency, total)
        .where(LedgerEntry.contact_id == contact_id, LedgerEntry.account.in_((RECEIVABLE, *MONEY_ACCOUNTS)))
        .group_by(LedgerEntry.account, LedgerEntry.currency)
    ).all()
    dues = {currency: amount for account, currency, amount in rows if account == RECEIVABLE}
    spent = dict.fromkeys(dues, 0)
    for account, currency, amount in rows:
        if account != RECEIVABLE:
            spent[currency] = spent.get(currency, 0) + amount
    return {
        "dues": [money(amount, currency) for currency, amount in sorted(dues.items()) if amount],
        "spent": [money(amount, currency) for currency, amount in sorted(spent.items()) if amount],
    }
