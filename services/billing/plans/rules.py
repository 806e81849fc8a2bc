"""What each instalment comes to, when it is due, and which of them money covers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from services.billing.subscriptions.rules import A_DAY, Cycle, next_try


def amounts_of(total: int, instalments: int, first: int | None = None) -> list[int] | None:
    """Part a total into so many, exactly; None: there is less than a minor unit for each.

    All are alike but for the `first`, where that is said. What does not divide falls on the first of those that are
    alike, a minor unit each: 100 in three are 34, 33 and 33.
    """
    if first is not None:
        others = amounts_of(total - first, instalments - 1)
        return None if first < 1 or others is None else [first, *others]
    each, more = divmod(total, instalments)
    if each < 1:
        return None
    return [each + 1] * more + [each] * (instalments - more)


def days_of(anchor: dt.date, every: Cycle, instalments: int) -> list[dt.date]:
    """The days on which they are due, the first on the anchor, each reckoned from there: the 31st is kept."""
    return [every.start(anchor, number) or dt.date.max for number in range(instalments)]


def covered(amounts: Sequence[int], money: int) -> list[int]:
    """How much of each is paid by so much money: the earlier ones first."""
    parts = []
    for amount in amounts:
        part = min(amount, money)
        parts.append(part)
        money -= part
    return parts


def next_charge(due_on: dt.date, failures: int, *, last_payment_on: dt.date | None, today: dt.date) -> dt.date | None:
    """When an instalment that failed so often is charged by itself: on its day, or its next day of trying again.

    Never on the day of the last payment, whatever became of that, nor in the past; None: not any more.
    """
    last = last_payment_on or today - A_DAY
    planned = next_try(due_on, failures, today=last) if failures else max(due_on, last + A_DAY)
    return planned and max(planned, today)
