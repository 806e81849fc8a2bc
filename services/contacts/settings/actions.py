"""Saying how the business is, and where."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts import locations as places
from contracts.contacts.settings import settings_changed
from contracts.errors import Conflict, Invalid, NotFound
from services.contacts.settings.model import Location, Setting
from services.contacts.settings.queries import forget_when_kept, get_settings, said
from services.contacts.settings.rules import COUNTRIES, compared, holding, key_for, refuse_faulty, saying

_IN_TURN = 7_110_301
"""The lock under which settings are changed one after another, and locations named."""


def change_settings(work: Any, request: Any) -> dict[str, Any]:
    """Set what is given, and set back to its default what is null; tell what holds otherwise now."""
    refuse_faulty(request)
    _take_turn(work)
    standing = get_settings(work)
    work.expect(standing["version"])
    before = said(work)
    given = dict(request) | ({"default_region": request.default_region.upper()} if request.default_region else {})
    after = before | {key: saying(before.get(key), value) for key, value in given.items()}
    news = [key for key in given if before.get(key) != after[key]]
    if not news:
        return standing
    version = standing["version"] + 1
    _keep(work, {key: after[key] for key in news}, version)
    old, new = holding(before), holding(after)
    changes = {key: {"before": old[key], "after": new[key]} for key in news if old[key] != new[key]}
    if changes:
        work.record(settings_changed, None, changes=changes, version=version)
    forget_when_kept(work)
    return get_settings(work)


def _keep(work: Any, values: dict[str, Any], version: int) -> None:
    rows = [
        {"key": key, "value": value, "version": version, "changed_at": work.now, "changed_by": work.actor.id}
        for key, value in values.items()
    ]
    new = insert(Setting).values(rows)
    columns = ("value", "version", "changed_at", "changed_by")
    work.session.execute(
        new.on_conflict_do_update(index_elements=["key"], set_={name: new.excluded[name] for name in columns})
    )


def create_location(work: Any, request: Any) -> Location:
    """Open a location; its key is its own for ever."""
    refuse_faulty({"time_zone": request.time_zone or None})
    key = request.key or key_for(request.name)
    if not key:
        raise Invalid.field("/name", "A name needs letters or digits.")
    _take_turn(work)
    if work.session.scalar(select(Location.id).where(Location.key == key)):
        pointer = "/key" if request.key else "/name"
        detail = f"The key {key} is another location's."
        raise Conflict(detail, [{"pointer": pointer, "detail": detail}])
    location = Location(
        id=new_id(),
        key=key,
        name=request.name,
        name_key=compared(request.name),
        time_zone=request.time_zone or None,
        address=_address(request.address),
        created_at=work.now,
        version=1,
    )
    _refuse_taken_name(work, location)
    work.session.add(location)
    forget_when_kept(work)
    _tell(work, places.location_created, location)
    return location


def change_location(work: Any, request: Any) -> Location:
    """Change what is given; the contacts of an archived location stay its own."""
    _take_turn(work)
    location = work.session.get(Location, request.location_id, with_for_update=True)
    if location is None:
        raise NotFound("There is no such location.")
    work.expect(location.version)
    refuse_faulty({"time_zone": request.time_zone or None})
    wanted = {name: request[name] for name in ("name", "time_zone", "address") if name in request}
    if "time_zone" in wanted:
        wanted["time_zone"] = wanted["time_zone"] or None
    if "address" in wanted:
        wanted["address"] = _address(wanted["address"])
    if request.archived is not None and request.archived != location.archived:
        wanted["archived_at"] = work.now if request.archived else None
    changes = set_on(location, wanted)
    if not changes:
        return location
    location.name_key = compared(location.name)
    if not location.archived:
        _refuse_taken_name(work, location)
    location.version += 1
    forget_when_kept(work)
    _tell(work, places.location_changed, location, changes=changes)
    return location


def _take_turn(work: Any) -> None:
    work.session.execute(select(func.pg_advisory_xact_lock(_IN_TURN)))


def _refuse_taken_name(work: Any, location: Location) -> None:
    """A contact's location is said by name or key: neither may mean two."""
    with work.session.no_autoflush:
        others = select(Location.id).where(Location.id != location.id, Location.archived_at.is_(None))
        taken = (Location.name_key == location.name_key) | (Location.key == location.name_key)
        taken |= Location.name_key == location.key
        if work.session.scalar(others.where(taken)):
            detail = f"Another location is called {location.name}."
            raise Conflict(detail, [{"pointer": "/name", "detail": detail}])


def _address(given: Any) -> dict[str, Any] | None:
    if not given:
        return None
    country = given["country"].upper()
    if country and country not in COUNTRIES:
        raise Invalid.field("/address/country", "No country of ISO 3166-1 has this code.")
    return {**given, "country": country, "primary": True}


def _tell(work: Any, event: Any, location: Location, **more: Any) -> None:
    work.record(
        event,
        None,
        location_id=location.id,
        key=location.key,
        name=location.name,
        time_zone=location.time_zone,
        archived=location.archived,
        version=location.version,
        **more,
    )
