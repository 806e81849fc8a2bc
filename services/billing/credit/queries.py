"""What credit a contact has."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.language import Request
from services.billing.base import money
from services.billing.credit.model import CreditAccount, CreditEntry


def get_credit(work: Work, request: Request) -> dict[str, Any]:
    """The balances and a page of the movements."""
    statement = narrowed(select(CreditEntry), request, CreditEntry.contact_id, CreditEntry.kind)
    page = page_of(work, statement, keys_for(request.sort, oldest=[CreditEntry.id]), request)
    return {
        "contact_id": request.contact_id,
        "balances": balances_of(work, request.contact_id),
        **page,
        "items": [shown(entry) for entry in page["items"]],
    }


def balances_of(work: Work, contact_id: str) -> list[dict[str, Any]]:
    """What a contact has, a sum for each currency that it ever had credit in."""
    held = select(CreditAccount).where(CreditAccount.contact_id == contact_id).order_by(CreditAccount.currency)
    return [money(account.balance, account.currency) for account in work.session.scalars(held)]


def shown(entry: CreditEntry) -> dict[str, Any]:
    """An entry as the contract says it."""
    return {name: getattr(entry, name) for name in ("id", "contact_id", "kind", "reason", "by", "entered_at")} | {
        name: money(getattr(entry, name), entry.currency) for name in ("amount", "balance")
    }
