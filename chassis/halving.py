"""Doing something for many at once, so that one that breaks holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from chassis.database import is_worth_repeating
from chassis.work import Work


def broken_of(work: Work, many: Sequence[Any], do: Callable[[Sequence[Any]], object]) -> list[tuple[Any, Exception]]:
    """Do it for all together; where that breaks, for each half by itself, and so on. Tell for which alone, and how.

    For those nothing is done. After each break rows are read anew: what `do` changed of them never was.
    """
    try:
        with work.attempt():
            do(many)
    except Exception as error:
        if is_worth_repeating(error):
            raise
        work.session.expire_all()
        if len(many) == 1:
            return [(many[0], error)]
    else:
        return []
    half = len(many) // 2
    return broken_of(work, many[:half], do) + broken_of(work, many[half:], do)
