"""The segments that every business has, and the rules of the system tags."""

from __future__ import annotations

from typing import Any, NamedTuple

Filter = dict[str, Any]


class BuiltIn(NamedTuple):
    name: str
    description: str
    filter: Filter


def rule(field: str, operator: str, value: Any = None) -> Filter:
    return {"field": field, "operator": operator, "value": value}


def all_of(*rules: Filter) -> Filter:
    return {"combinator": "and", "not": False, "rules": list(rules)}


def any_of(*rules: Filter) -> Filter:
    return {"combinator": "or", "not": False, "rules": list(rules)}


def days(n: int) -> dict[str, Any]:
    return {"n": n, "unit": "day"}


_ACTIVE = rule("subscription_state", "=", "active")


def built_in_segments(settings: Any) -> dict[str, BuiltIn]:
    """By their key, with the numbers of the business's settings: `settings(key)`."""
    quiet = days(settings("at_risk_days"))
    return {
        "vip": BuiltIn(
            "VIP",
            "Has spent much, or comes often.",
            any_of(
                rule("lifetime_value", ">=", settings("vip_lifetime_value")),
                rule("visits_within", ">=", {"count": settings("vip_visits_per_month"), "n": 30, "unit": "day"}),
            ),
        ),
        "at_risk": BuiltIn(
            "At risk",
            "Has an active subscription and has not booked for long, or has paused it.",
            any_of(
                all_of(
                    _ACTIVE,
                    any_of(
                        rule("last_booking_at", "olderThan", quiet),
                        all_of(rule("last_booking_at", "null"), rule("first_purchase_at", "olderThan", quiet)),
                    ),
                ),
                rule("subscription_state", "=", "paused"),
            ),
        ),
        "new": BuiltIn(
            "New",
            "Was entered a short while ago.",
            all_of(rule("created_at", "inLast", days(settings("new_within_days")))),
        ),
        "recurring": BuiltIn("Recurring", "Has an active subscription.", all_of(_ACTIVE)),
        "one_time": BuiltIn(
            "One-time",
            "Has booked once and never had a subscription.",
            all_of(rule("bookings", "=", 1), rule("had_subscription", "=", False)),
        ),
    }


def tag_rules(settings: Any) -> dict[str, BuiltIn]:
    """When each system tag is on a contact."""
    found = {
        "new-lead": all_of(
            rule("lifecycle", "=", "lead"),
            rule("lead_status", "=", "new"),
            rule("created_at", "inLast", days(settings("new_within_days"))),
        ),
        "trial": all_of(rule("trial", "=", True), rule("lifecycle", "=", "lead")),
        "active-member": all_of(_ACTIVE),
        "paused": all_of(rule("subscription_state", "=", "paused")),
        "payment-due": all_of(rule("dues", ">", 0)),
        "birthday-month": all_of(rule("birthday", "birthdayThisMonth")),
        "lapsed": all_of(rule("lifecycle", "=", "former_customer")),
    }
    return {tag: BuiltIn(tag, "", filter) for tag, filter in found.items()}
