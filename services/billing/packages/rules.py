"""Which terms a package may have."""

from __future__ import annotations

from typing import Any

from contracts.errors import Invalid

Terms = dict[str, Any]
A_MONTH = {"unit": "month", "count": 1}


def new_terms(kind: str, request: Terms) -> Terms:
    """The terms of a package to be, with what was not said."""
    unsaid = {
        "visibility": "normal",
        "sign_up_fee": None,
        "cycle": A_MONTH if kind == "membership" else None,
        "included_sessions": None,
        "valid_days": None,
        "description": None,
        "on_sale": True,
    }
    return fitting(kind, unsaid | {name: value for name, value in request.items() if name != "kind"})


def fitting(kind: str, terms: Terms) -> Terms:
    """Refuse terms that contradict each other or the kind."""
    if terms["cycle"] is not None and kind != "membership":
        raise Invalid.field("/cycle", "Only a membership is charged in cycles.")
    if terms["cycle"] is None and kind == "membership":
        raise Invalid.field("/cycle", "A membership has a billing cycle.")
    if terms["valid_days"] is not None and kind != "credit_pack":
        raise Invalid.field("/valid_days", "Only the credits of a credit pack lapse.")
    fee = terms["sign_up_fee"]
    if fee is not None and fee["currency"] != terms["price"]["currency"]:
        raise Invalid.field("/sign_up_fee/currency", "The sign-up fee is in the currency of the price.")
    return terms
