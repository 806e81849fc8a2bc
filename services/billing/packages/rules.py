"""Which terms a package may have."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol

from dateutil.relativedelta import relativedelta

from contracts.errors import Invalid
from services.billing.packages.instalments import offered_in, refuse_plans

Terms = dict[str, Any]
GOOD_FOR_SESSIONS = ("credit_pack", "course")
A_MONTH = {"unit": "month", "count": 1}
_EVERY = {"day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}


class Sold(Protocol):
    """What is sold, in one version."""

    kind: str
    price: int
    cycle_unit: str | None
    cycle_count: int | None
    included_sessions: int | None
    valid_days: int | None


def pricing_option_of(version: Sold) -> str | None:
    """In which way it is sold: by which cycle, or as how many sessions; None where there is but one way."""
    if version.cycle_unit is not None and version.cycle_count is not None:
        return words_of_cycle(version.cycle_unit, version.cycle_count)
    if version.kind == "credit_pack" and version.included_sessions:
        return "1 session" if version.included_sessions == 1 else f"{version.included_sessions} sessions"
    return None


def words_of_cycle(unit: str, count: int) -> str:
    """A cycle in words: `monthly`, `every 3 months`."""
    return _EVERY[unit] if count == 1 else f"every {count} {unit}s"


def last_day_of(version: Sold, *, first: dt.date, quantity: int) -> dt.date | None:
    """The last day of so many of this version from a first day on; None: it does not end by itself.

    A membership is good for the cycles that were paid for; where nothing is ever charged, none is missing.
    """
    if version.valid_days is not None:
        return first + dt.timedelta(days=version.valid_days)
    if version.cycle_unit is None or version.cycle_count is None or version.price == 0:
        return None
    spans: Any = {f"{version.cycle_unit}s": version.cycle_count * quantity}
    try:
        return first + relativedelta(**spans) - dt.timedelta(days=1)
    except (ValueError, OverflowError):  # beyond the calendar, which ends in 9999
        return None


def in_currency(asked: Terms, currency: str) -> Terms:
    """The terms with every amount in a currency: a price in this one, a fee in the price's, where none is said."""
    priced = {**asked, "price": {"currency": currency, **asked["price"]}} if asked.get("price") else dict(asked)
    of_price = priced["price"]["currency"] if priced.get("price") else currency
    if priced.get("sign_up_fee"):
        priced["sign_up_fee"] = {"currency": of_price, **priced["sign_up_fee"]}
    if "payment_plans" in priced:
        priced["payment_plans"] = [offered_in(of_price, plan) for plan in priced["payment_plans"]]
    return priced


def new_terms(kind: str, request: Terms) -> Terms:
    """The terms of a package to be, with what was not said."""
    unsaid: Terms = {
        "visibility": "normal",
        "sign_up_fee": None,
        "cycle": A_MONTH if kind == "membership" else None,
        "commitment": None,
        "seats": 1,
        "included_sessions": None,
        "valid_days": None,
        "description": None,
        "tax_rate_id": None,
        "payment_plans": [],
        "on_sale": True,
    }
    return fitting(kind, unsaid | {name: value for name, value in request.items() if name != "kind"})


def _refuse_sessions(kind: str, terms: Terms) -> None:
    """Refuse to sell sessions without a number, or goods with one; what is off sale may stay as it was."""
    sessions, where = terms["included_sessions"], "/included_sessions"
    if kind == "product" and sessions is not None:
        raise Invalid.field(where, "A product includes no sessions.")
    if kind in GOOD_FOR_SESSIONS and terms["on_sale"] and not sessions:
        raise Invalid.field(where, f"A {kind.replace('_', ' ')} is good for at least one session.")


def fitting(kind: str, terms: Terms) -> Terms:
    """Refuse terms that contradict each other or the kind."""
    if terms["cycle"] is not None and kind != "membership":
        raise Invalid.field("/cycle", "Only a membership is charged in cycles.")
    if terms["cycle"] is None and kind == "membership":
        raise Invalid.field("/cycle", "A membership has a billing cycle.")
    if terms["commitment"] is not None and kind != "membership":
        raise Invalid.field("/commitment", "Only a membership commits to cycles.")
    if terms["seats"] > 1 and kind != "membership":
        raise Invalid.field("/seats", "Only a membership is used by several.")
    _refuse_sessions(kind, terms)
    if terms["valid_days"] is not None and kind not in ("credit_pack", "trial"):
        raise Invalid.field("/valid_days", "Only a trial and the credits of a credit pack lapse.")
    fee = terms["sign_up_fee"]
    if fee is not None and fee["currency"] != terms["price"]["currency"]:
        raise Invalid.field("/sign_up_fee/currency", "The sign-up fee is in the currency of the price.")
    refuse_plans(kind, terms)
    return terms
