"""Giving the next number."""

from __future__ import annotations

from sqlalchemy import update

from chassis.work import Work
from services.billing.numbers.model import Counter


def next_number(work: Work, name: str) -> int:
    """Draw a number; from here to the commit everybody else who wants one waits, so draw it last.

    A transaction that draws of several counters does so in this order: order, invoice, credit_note.
    """
    return next_numbers(work, name, 1)


def next_numbers(work: Work, name: str, many: int) -> int:
    """Draw so many numbers at once; the first of them."""
    counted = update(Counter).where(Counter.name == name).values(value=Counter.value + many).returning(Counter.value)
    return work.session.execute(counted).scalar_one() - many + 1
