"""The one place where credit moves: the account, its entry, the books and the news in one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import credit as told
from contracts.language import Request
from services.billing.addressees.actions import known_customer
from services.billing.base import money, who
from services.billing.credit.model import CreditAccount, CreditEntry
from services.billing.credit.queries import shown
from services.billing.ledger import rules as books
from services.billing.ledger.actions import post


def grant_credit(work: Work, request: Request) -> dict[str, Any]:
    """Give a contact credit."""
    known_customer(work, request.contact_id, active=True)
    amount, currency = request.amount["amount"], request.amount["currency"]
    account = hold_account(work, request.contact_id, currency)
    return shown(move(work, account, "granted", amount, books.gift(amount), reason=request.reason))


def withdraw_credit(work: Work, request: Request) -> dict[str, Any]:
    """Take back what is not spent."""
    known_customer(work, request.contact_id)
    amount, currency = request.amount["amount"], request.amount["currency"]
    account = hold_account(work, request.contact_id, currency)
    account.must_have(amount)
    return shown(move(work, account, "withdrawn", -amount, books.gift(-amount), reason=request.reason))


def hold_account(work: Work, contact_id: str, currency: str) -> CreditAccount:
    """The account, nobody else's to move until this transaction ends; made where there is none."""
    empty = insert(CreditAccount).values(contact_id=contact_id, currency=currency, balance=0)
    work.session.execute(empty.on_conflict_do_nothing())
    key = {"contact_id": contact_id, "currency": currency}
    held = select(CreditAccount).filter_by(**key).with_for_update().execution_options(populate_existing=True)
    return work.session.scalars(held).one()


def move(
    work: Work, account: CreditAccount, kind: str, amount: int, posting: books.Posting | None, *, reason: str | None
) -> CreditEntry:
    """Write a movement of an account that is held; without `posting` the caller writes the books."""
    account.balance += amount
    entry = CreditEntry(
        id=new_id(),
        contact_id=account.contact_id,
        kind=kind,
        amount=amount,
        balance=account.balance,
        currency=account.currency,
        reason=reason,
        by=who(work),
        entered_at=work.now,
    )
    work.session.add(entry)
    if posting is not None:
        post(
            work, posting,
            contact_id=entry.contact_id, currency=entry.currency, cause="account_credit", cause_id=entry.id,
        )  # fmt: skip
    work.record(
        told.account_credit_added if amount > 0 else told.account_credit_taken,
        entry.contact_id,
        entry_id=entry.id,
        kind=kind,
        amount=money(abs(amount), entry.currency),
        balance=money(entry.balance, entry.currency),
        reason=reason,
    )
    return entry
