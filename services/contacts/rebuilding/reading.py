"""Reading the logs of all services beside each other."""

from __future__ import annotations

from typing import Any

from contracts.errors import Problem, Unavailable
from contracts.log import read_events

EVENTS_A_QUESTION = 1000
QUESTIONS_A_STEP = 8
"""Asked at once, and as many of each log as of any other, so that the services look them up beside each other."""
OLDEST = -1
Page = tuple[str, list[dict[str, Any]]]
"""The service, and some events of its log in order."""


def extents_of_logs(work: Any) -> dict[str, tuple[int, int]]:
    """The first and the newest position of each log; what was before the first has been forgotten."""
    answers = work.ask_all([(rpc, {"after": OLDEST, "limit": 1}) for rpc in read_events.values()])
    found = {}
    for service, answer in zip(read_events, map(_answered, answers), strict=True):
        found[service] = (answer["items"][0]["position"] if answer["items"] else answer["newest"] + 1, answer["newest"])
    return found


def next_pages(work: Any, after: dict[str, int], newest: dict[str, int]) -> list[Page]:
    """The next pages of the logs that are not read to their end, none beyond what was the newest at the beginning.

    What a busy service did not answer in time is asked again with the next step, unless nobody answered at all.
    """
    asked = list(_questions(after, newest))
    answers = work.ask_all([(read_events[service], request) for service, request in asked])
    pages: list[Page] = []
    silent: set[str] = set()
    for (service, _), answer in zip(asked, answers, strict=True):
        if isinstance(answer, Unavailable):
            silent.add(service)
        if service not in silent:
            pages.append((service, _answered(answer)["items"]))
    if not pages:
        _answered(answers[0])
    return pages


def _questions(after: dict[str, int], newest: dict[str, int]) -> Any:
    """Positions have no gaps, so it is known where each page begins before the one before it was read."""
    for service, last in after.items():
        pages = range(last, newest[service], EVENTS_A_QUESTION)[: max(1, QUESTIONS_A_STEP // len(after))]
        for begins in pages:
            yield service, {"after": begins, "limit": min(EVENTS_A_QUESTION, newest[service] - begins)}


def _answered(answer: Any) -> Any:
    if isinstance(answer, Problem):
        raise answer
    return answer
