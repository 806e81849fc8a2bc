"""Dying by kill -9 at a chosen place in the code: `PROBE_DIE="settling:3"` dies the third time it comes by there."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

from chassis.broker import Publisher
from chassis.consumer import Delivery

VARIABLE = "PROBE_DIE"
PLACES = ("handling", "settling", "publishing", "published")
"""In a handler before its commit; between commit and acknowledgement; around the hand-over of events to the broker."""

_passed = 0


def come_by(place: str) -> None:
    """Die here, if this is the place and the time."""
    global _passed
    chosen, _, nth = os.environ.get(VARIABLE, "").partition(":")
    if chosen != place:
        return
    _passed += 1
    if _passed == int(nth):
        os.kill(os.getpid(), signal.SIGKILL)


def lie_in_wait() -> None:
    """Stand at the places that are in the chassis."""
    settle, publish = Delivery.settle, Publisher.publish

    def settle_or_die(self: Delivery, *reply: Any) -> None:
        come_by("settling")
        settle(self, *reply)

    def publish_or_die(self: Publisher, batch: Any) -> None:
        come_by("publishing")
        publish(self, batch)
        come_by("published")

    _replace(Delivery, "settle", settle_or_die)
    _replace(Publisher, "publish", publish_or_die)


def _replace(cls: type, name: str, method: Callable[..., None]) -> None:
    setattr(cls, name, method)
