"""How each projection takes in what a log says, and what is left to do when it has been read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from services.contacts.facts.actions import add_up_again, keep_marks
from services.contacts.facts.queries import next_contacts
from services.contacts.facts.rules import marks_of, newest
from services.contacts.projections.rules import Happened
from services.contacts.timeline.actions import drop_unseen_entries, enter

CONTACTS_A_STEP = 2000
ENTRIES_A_STEP = 20_000
BEFORE_ALL = ("00000000-0000-0000-0000-000000000000",) * 2


class Making(NamedTuple):
    """`take_in(work, events, edition)`; `tidy(work, after, edition, firsts)` tells where it stopped, or None.

    `firsts` are the positions at which the logs begin; what `needs_all` cannot be made of logs that were cut.
    """

    take_in: Callable[[Any, Sequence[Happened], int], None]
    tidy: Callable[[Any, Any, int, dict[str, int]], Any]
    needs_all: bool


def _mark(work: Any, events: Sequence[Happened], edition: int) -> None:
    keep_marks(work, newest([mark for event in events for mark in marks_of(event)]), [edition])


def _add_up(work: Any, after: str | None, edition: int, _: dict[str, int]) -> str | None:
    contact_ids = next_contacts(work, after, CONTACTS_A_STEP, edition)
    if contact_ids:
        add_up_again(work, contact_ids, edition)
    return contact_ids[-1] if len(contact_ids) == CONTACTS_A_STEP else None


def _enter(work: Any, events: Sequence[Happened], edition: int) -> None:
    enter(work, events, edition, anew=True)


def _drop(work: Any, after: list[str] | None, edition: int, firsts: dict[str, int]) -> list[str] | None:
    first, second = after or BEFORE_ALL
    last = drop_unseen_entries(work, after=(first, second), count=ENTRIES_A_STEP, edition=edition, firsts=firsts)
    return list(last) if last else None


MAKING = {"facts": Making(_mark, _add_up, needs_all=True), "timeline": Making(_enter, _drop, needs_all=False)}
