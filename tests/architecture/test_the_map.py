"""docs/house.md is the map: what stands in the house stands on it."""

from __future__ import annotations

import re
from pathlib import Path

from contracts.catalogue import all_events

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs" / "house.md").read_text()
WORDS = set(re.findall(r"[a-z_]+", MAP))
NOT_FOR_EVERYBODY = {"RAPPORT_ID", "RAPPORT_TEST_WORKERS", "RAPPORT_DATA"}
"""Of the launcher and the tests alone."""


def test_every_event_is_on_the_map():
    missing = [event.type for event in all_events() if f"`{event.type}`" not in MAP]
    assert missing == []


def test_every_part_of_the_chassis_is_on_the_map():
    parts = {path.stem for path in (ROOT / "chassis").glob("*.py")} - {"__init__", "__main__"}
    assert parts - WORDS == set()


def test_every_room_of_contacts_is_on_the_map():
    rooms = {path.parent.name for path in (ROOT / "services" / "contacts").glob("*/__init__.py")} - {"migrations"}
    assert rooms - WORDS == set()


def test_every_setting_is_on_the_map():
    sources = [path for part in ("chassis", "services", "gateway", "local") for path in (ROOT / part).rglob("*.py")]
    read = {name for path in sources for name in re.findall(r"\"(RAPPORT_[A-Z_]+[A-Z])\"", path.read_text())}
    assert {name for name in read - NOT_FOR_EVERYBODY if name not in MAP} == set()
