"""What holds, and where the business is.

Settings and zones are asked at every turn, so each process remembers them for `FRESH_SECONDS`: a change holds for the
process that made it from its commit on, and a second later for every other.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from chassis.pages import keys_for, page_of
from contracts.errors import NotFound
from services.contacts.settings.model import Location, Setting
from services.contacts.settings.rules import Locations, compared, holding, zone_named

FRESH_SECONDS = 1.0
FIRST_VERSION = 1
_locations: Any = Location.__table__
_settings: Any = Setting.__table__


class _Remembered(NamedTuple):
    until: float
    values: dict[str, Any]
    zones: dict[str, ZoneInfo | None]


_remembered = [_Remembered(0.0, {}, {})]


def setting(work: Any, key: str) -> Any:
    """What holds for a setting of `contracts.contacts.settings`, at most `FRESH_SECONDS` old."""
    return _recall(work).values[key]


def setting_now(work: Any, key: str) -> Any:
    """What holds for a setting at this moment; for decisions that a second may not be late for."""
    said = work.session.execute(select(_settings.c.value).where(_settings.c.key == key)).scalar_one_or_none()
    return holding({key: said})[key]


def setting_held(work: Any, key: str) -> Any:
    """What holds for a setting until this transaction ends: who changes one that was said waits for it."""
    said = select(_settings.c.value).where(_settings.c.key == key).with_for_update(read=True)
    return holding({key: work.session.execute(said).scalar_one_or_none()})[key]


def business_zone(work: Any) -> ZoneInfo:
    """Where a day of the business begins, at most `FRESH_SECONDS` old."""
    return ZoneInfo(setting(work, "time_zone"))


def zone_of_locations(work: Any) -> dict[str, ZoneInfo]:
    """The zone of every location, archived or not, by its key: its own, else the business'."""
    remembered, otherwise = _recall(work), business_zone(work)
    return {key: zone or otherwise for key, zone in remembered.zones.items()}


def zones_now(work: Any) -> tuple[ZoneInfo, dict[str, ZoneInfo]]:
    """The zone of the business and of every location at this moment, and not remembered for anybody else."""
    values, zones = _look(work)
    business = ZoneInfo(values["time_zone"])
    return business, {key: zone or business for key, zone in zones.items()}


def forget_when_kept(work: Any) -> None:
    """Look again as soon as this work is committed: before, others would remember what still holds for them."""
    work.then(forget)


def forget() -> None:
    _remembered[0] = _Remembered(0.0, {}, {})


def _recall(work: Any) -> _Remembered:
    known = _remembered[0]
    if time.monotonic() < known.until:
        return known
    values, zones = _look(work)
    fresh = _Remembered(time.monotonic() + FRESH_SECONDS, values, zones)
    if _remembered[0] is known:  # else something was changed while we looked, and we may have seen what was before
        _remembered[0] = fresh
    return fresh


def _look(work: Any) -> tuple[dict[str, Any], dict[str, ZoneInfo | None]]:
    """All settings as they hold, and the zone of each location's own."""
    zones = work.session.execute(select(_locations.c.key, _locations.c.time_zone))
    return holding(said(work)), {key: zone_named(zone) for key, zone in zones}


def said(work: Any) -> dict[str, Any]:
    """What the business has said itself, by key."""
    return dict(work.session.execute(select(_settings.c.key, _settings.c.value)).tuples().all())


def get_settings(work: Any, _request: Any = None) -> dict[str, Any]:
    """All settings as they hold at this moment, with the version of the whole."""
    rows = work.session.execute(select(_settings)).all()
    values = {row.key: row.value for row in rows}
    newest = max(rows, key=lambda row: row.version, default=None)
    return {
        **holding(values),
        "set": sorted(key for key, value in values.items() if value is not None),
        "version": newest.version if newest else FIRST_VERSION,
        "changed_at": newest.changed_at if newest else None,
    }


def open_locations(work: Any) -> Locations:
    """The locations that a contact can be put at, this moment; one statement."""
    columns = select(_locations.c.key, _locations.c.name_key)
    rows = work.session.execute(columns.where(_locations.c.archived_at.is_(None))).all()
    return Locations({row.name_key: row.key for row in rows} | {row.key: row.key for row in rows})


def locations_named(work: Any, keys: Iterable[str]) -> set[str]:
    """Those of the keys that a location has, archived or not."""
    wanted = [compared(key) for key in keys]
    return set(work.session.scalars(select(_locations.c.key).where(_locations.c.key.in_(wanted))))


def get_location(work: Any, request: Any) -> Location:
    """Answer one location."""
    location = work.session.get(Location, request.location_id)
    if location is None:
        raise NotFound("There is no such location.")
    return location


def list_locations(work: Any, request: Any) -> dict[str, Any]:
    """A page of locations."""
    archived = Location.archived_at.is_not(None) if request.archived else Location.archived_at.is_(None)
    statement = select(Location).where(archived)
    if request.q:
        statement = statement.where(Location.name_key.contains(compared(request.q), autoescape=True))
    keys = keys_for(request.sort, oldest=[Location.id], name=[Location.name_key, Location.id])
    return page_of(work, statement, keys, request)
