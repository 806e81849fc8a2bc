"""What every table of billing stands on, and how money stands in a row."""

from __future__ import annotations

from typing import Any

from chassis.database import declarative_base_of
from chassis.work import Work
from contracts.language import Rpc

Base: Any = declarative_base_of("billing")
USED_BEFORE = "This Idempotency-Key was used for a different request."


def money(amount: int, currency: str) -> dict[str, Any]:
    """An exact amount as the contracts say it."""
    return {"amount": amount, "currency": currency}


def who(work: Work) -> str:
    """The actor's name as it stays on what they did, even when they have left (G09)."""
    return work.actor.name or work.actor.id or "nobody"


def key_of(work: Work, rpc: Rpc, number: int = 0) -> str | None:
    """The caller's own key at this door, kept with what talks to a provider: asked again after a crash, it is found.

    `number` tells apart what one call asks for several times.
    """
    return work.key and f"{work.actor.id} {rpc.name}{f':{number}' if number else ''} {work.key}"
