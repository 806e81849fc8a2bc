"""The locations of the business, by name and by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.work import Work
from contracts.contacts import locations
from contracts.errors import Invalid, Unavailable


def location_meant(work: Work, text: str) -> str:
    """Ask for the key of the location that has this name or key, archived or not; any text will do while there are
    none. Do this before the session is used."""
    keys: dict[str, str] = {}
    for location in _all(work):
        keys.setdefault(_compared(location["name"]), location["key"])
        keys[location["key"]] = location["key"]
    key = keys.get(_compared(text)) if keys else text
    if key is None:
        raise Invalid.field("/location", "No location has this name or key.")
    return key


def names_of_locations(work: Work) -> dict[str, str]:
    """What each is called, by its key; nothing while contacts does not answer, for a key says it too."""
    try:
        return {location["key"]: location["name"] for location in _all(work)}
    except Unavailable:
        return {}


def _all(work: Work) -> Iterator[Mapping[str, Any]]:
    """Those that are open first."""
    for archived in (False, True):
        page: Mapping[str, Any] = {"next": ""}
        while page["next"] is not None:
            cursor = {"cursor": page["next"]} if page["next"] else {}
            page = work.ask(locations.list_locations, archived=archived, limit=200, **cursor)
            yield from page["items"]


def _compared(name: str) -> str:
    return " ".join(name.casefold().split())
