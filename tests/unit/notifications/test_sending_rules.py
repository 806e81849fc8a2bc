"""When to try again, and when it is enough."""

from __future__ import annotations

import pytest

from services.notifications.messages.rules import PAUSES, pause_after, state_after

pytestmark = pytest.mark.requirement("N02")


def test_the_pauses_grow_and_end() -> None:
    pauses = [pause_after(attempts) for attempts in range(1, len(PAUSES) + 2)]
    assert pauses[-1] is None
    assert list(PAUSES) == sorted(PAUSES)


@pytest.mark.parametrize(
    ("state", "result", "attempts", "after", "why"),
    [
        ("sending", "sent", 1, "sent", "the server took it"),
        ("sending", "failed", 1, "failed", "the server refused it for good"),
        ("sending", "retry", 1, "queued", "nothing was delivered, so trying again is safe"),
        ("sending", "retry", len(PAUSES) + 1, "failed", "enough is enough"),
        ("sending", "unknown", 1, "unknown", "it may have been delivered"),
        ("unknown", "sent", 1, "sent", "late news settles it"),
        ("unknown", "failed", 1, "failed", "late news settles it"),
        ("unknown", "retry", 1, "failed", "a person may have sent it again meanwhile"),
        ("unknown", "unknown", 1, "unknown", "nothing new"),
    ],
)
def test_what_follows_from_an_attempt(state: str, result: str, attempts: int, after: str, why: str) -> None:
    assert state_after(state, result, attempts) == after, why
