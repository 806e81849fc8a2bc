"""What the tests of contacts begin with."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contracts.contacts import locations, settings
from tests.builders.announcing import announcing
from tests.house.living import LivingHouse
from tests.service.contacts.importing_files import SAMPLES, imported


@pytest.fixture
def billing_says(house: LivingHouse) -> Iterator[Callable[..., str]]:
    """`billing_says(package_paid, contact_id, 1, **data)`: an event as billing would tell it at that position."""
    with announcing(house, "billing") as say:
        yield say


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """`eventually(look, holds)`: what `look()` answers once it holds, within half a minute."""

    def wait(look: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 30) -> Any:
        until = time.monotonic() + seconds
        while True:
            seen = look()
            if holds(seen):
                return seen
            assert time.monotonic() < until, f"still {seen}"
            time.sleep(0.05)

    return wait


@pytest.fixture(scope="session")
def google(house: LivingHouse) -> Any:
    """The sample of Google, imported once a worker; the studio's, which has 120 of the same people, comes after it."""
    return imported(house, (SAMPLES / "google-contacts.csv").read_bytes(), name="google-contacts.csv")


@pytest.fixture
def someone():
    """A word that nobody else in the database has in their name or address."""
    return f"q{uuid.uuid4().hex[:12]}"


@pytest.fixture
def set_to(ask: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """`set_to(at_risk_days=60)`: a setting for the length of the test."""
    changed: set[str] = set()

    def say(**values: Any) -> Any:
        changed.update(values)
        return ask(settings.change_settings, **values)

    yield say
    ask(settings.change_settings, **dict.fromkeys(changed))


@pytest.fixture
def open_a_location(ask: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """`open_a_location(name)`: a location for the length of the test; while there is none, any text is a place."""
    opened: list[str] = []

    def build(name: str | None = None, **given: Any) -> Any:
        location = ask(locations.create_location, name=name or f"Harbour {uuid.uuid4().hex[:8]}", **given)
        opened.append(location["id"])
        return location

    yield build
    for location_id in opened:
        ask(locations.change_location, location_id=location_id, archived=True)
