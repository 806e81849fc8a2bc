"""How money moves between the accounts: pure postings, debits above zero, credits below."""

from __future__ import annotations

RECEIVABLE = "receivable"
SALES = "sales"
TAX = "tax"
"""What is collected for the state."""
ACCOUNT_CREDIT = "account_credit"
"""What the business owes contacts as credit."""
GIVEN_AWAY = "given_away"
LOSSES = "losses"
MONEY_OF_METHOD = {"cash": "cash", "card": "card_provider", "bank_transfer": "bank"}
MONEY_ACCOUNTS = tuple(MONEY_OF_METHOD.values())
PAID_FROM = MONEY_OF_METHOD | {"account_credit": ACCOUNT_CREDIT}
"""Where what was paid stands; credit that is spent is owed no longer."""

Posting = dict[str, int]


def sale(net: int, tax: int = 0) -> Posting:
    """A contact is asked to pay: they owe what was sold, and the tax on it."""
    return {RECEIVABLE: net + tax, SALES: -net, TAX: -tax}


def cancellation(net: int, tax: int = 0) -> Posting:
    """What nobody paid is cancelled: it was never sold, and is not owed."""
    return {account: -amount for account, amount in sale(net, tax).items()}


def write_off(amount: int) -> Posting:
    """What is owed will not be paid: it was sold, and is lost."""
    return {RECEIVABLE: -amount, LOSSES: amount}


def payment(method: str, amount: int) -> Posting:
    """Money came in: the contact owes that much less."""
    return {PAID_FROM[method]: amount, RECEIVABLE: -amount}


def refund(method: str, amount: int, *, credited: int, tax: int = 0) -> Posting:
    """Money went back. What is `credited`, with the `tax` in it, is no longer sold; the rest is owed again."""
    return {PAID_FROM[method]: -amount, SALES: credited - tax, TAX: tax, RECEIVABLE: amount - credited}


def gift(amount: int) -> Posting:
    """Credit is given away, or, below zero, taken back."""
    return {GIVEN_AWAY: amount, ACCOUNT_CREDIT: -amount}


def balanced(posting: Posting) -> Posting:
    """The posting without its empty sides, or refuse it: a transaction sums to zero."""
    if sum(posting.values()) != 0:
        raise ValueError(f"The posting does not balance: {posting}")
    return {account: amount for account, amount in posting.items() if amount}
