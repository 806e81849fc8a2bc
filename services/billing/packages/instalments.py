"""Which payment plans a package may be paid by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dateutil.relativedelta import relativedelta

from contracts.errors import Invalid

A_YEAR_BEGINS = dt.date(2001, 1, 1)
"""From where cycles and plans are compared: a year like most."""


def offered_in(currency: str, plan: Mapping[str, Any]) -> dict[str, Any]:
    """A plan as it is kept, its first payment in this currency where none is said."""
    first = plan.get("first_payment")
    return {
        "key": plan["key"],
        "instalments": plan["instalments"],
        "interval": dict(plan["interval"]),
        "first_payment": first and {"currency": currency, **first},
    }


def refuse_plans(kind: str, terms: Mapping[str, Any]) -> None:
    """Refuse plans by which this cannot be paid, each at its place."""
    plans = terms["payment_plans"]
    if plans and kind == "trial":
        raise Invalid.field("/payment_plans", "A trial is not paid by instalments.")
    seen: set[str] = set()
    errors = []
    for place, plan in enumerate(plans):
        wrong = _what_is_wrong(plan, terms, seen)
        if wrong is not None:
            errors.append({"pointer": f"/payment_plans/{place}/{wrong[0]}", "detail": wrong[1]})
        seen.add(plan["key"])
    if errors:
        raise Invalid("Not all payment plans fit the package.", errors)


def _what_is_wrong(plan: Mapping[str, Any], terms: Mapping[str, Any], seen: set[str]) -> tuple[str, str] | None:
    first, price, others = plan["first_payment"], terms["price"], plan["instalments"]
    if plan["key"] in seen:
        return "key", "Another plan of the package has this key."
    left = price["amount"]
    if first is not None:
        if first["currency"] != price["currency"]:
            return "first_payment/currency", "The first payment is in the currency of the price."
        if first["amount"] < 1:
            return "first_payment/amount", "The first payment is more than nothing."
        left, others = left - first["amount"], others - 1
        if left < others:
            return "first_payment/amount", "It leaves less than a minor unit for each other instalment."
    if left < others:
        return "instalments", "The price has less than a minor unit for each."
    if not _is_over_in_time(plan, terms["cycle"]):
        return "instalments", "The last instalment is due after the cycle that they pay for."
    return None


def _is_over_in_time(plan: Mapping[str, Any], cycle: Mapping[str, Any] | None) -> bool:
    """Whether the last instalment is due before the next cycle is; where there is none, it may be due whenever."""
    if cycle is None:
        return True
    every: Any = {f"{plan['interval']['unit']}s": plan["interval"]["count"] * (plan["instalments"] - 1)}
    sold: Any = {f"{cycle['unit']}s": cycle["count"]}
    return A_YEAR_BEGINS + relativedelta(**every) < A_YEAR_BEGINS + relativedelta(**sold)
