"""Following a message on its way, and letting time pass for it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from contracts.notifications import messages
from local.processes import wait_for
from tests.house.living import LivingHouse

WELCOME = "01980000-0000-7000-8000-000000000501"


def wait_for_state(house: LivingHouse, message_id: str, state: str, *, attempts: int = 1, seconds: float = 30) -> Any:
    """The message once it has that state after so many attempts."""
    seen: dict[str, Any] = {}

    def arrived() -> bool:
        seen.update(house.ask(messages.get_message, message_id=message_id))
        return seen["state"] == state and seen["attempts"] >= attempts

    assert wait_for(arrived, seconds), f"the message is {seen['state']} after {seen['attempts']} attempts: {seen}"
    return seen


def let_pauses_pass(house: LivingHouse, message_id: str) -> None:
    """Make the next attempt due."""
    _change(house, "UPDATE messages SET due_at = now() WHERE id = :id AND state = 'queued'", message_id)


def let_hours_pass(house: LivingHouse, message_id: str) -> None:
    """Make a claim look as if nobody had come back from it for a long time."""
    _change(house, "UPDATE messages SET claimed_at = now() - interval '1 hour' WHERE id = :id", message_id)


def _change(house: LivingHouse, statement: str, message_id: str) -> None:
    with house.database("notifications").begin() as connection:
        assert connection.execute(sa.text(statement), {"id": message_id}).rowcount == 1
