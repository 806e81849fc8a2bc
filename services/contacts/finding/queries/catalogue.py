"""All fields of the filter language by name, and the day that it is where each contact is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from services.contacts.finding.queries.almanac import Almanac
from services.contacts.finding.queries.compiling import Compiled, anything, compile_filter
from services.contacts.finding.queries.fields import Field
from services.contacts.finding.queries.sources import (
    bookings,
    consent,
    facts,
    groups,
    profile,
    reached_by,
    segments,
    tags,
)
from services.contacts.finding.queries.sources.custom import custom_fields
from services.contacts.finding.queries.sources.naming import Named
from services.contacts.settings.queries import business_zone, zone_of_locations, zones_now

_SOURCES = (profile, reached_by, tags, groups, segments, facts, bookings, consent)
FIELDS: dict[str, Field] = {field.name: field for source in _SOURCES for field in source.FIELDS}


class Catalogue:
    """The fields and the almanac as they are at one moment, for many filters."""

    def __init__(self, fields: Mapping[str, Field], almanac: Almanac) -> None:
        self.fields, self.almanac = fields, almanac

    def compiled(
        self, filter: Mapping[str, Any], at: str = "/filter", *, may: Callable[[str], bool] = anything
    ) -> Compiled:
        """Compile a filter; refused as Invalid, or as Forbidden to who may not ask so, with pointers from `at`."""
        return compile_filter(filter, self.fields, self.almanac, at, may=may)


def catalogue_of_segments(work: Any, *, singly: bool = False) -> Catalogue:
    """What filters that are kept may ask about, as it is this very moment: no segment asks about segments.

    With `singly` they are compiled for a few contacts that are named, and not to find all who match.
    """
    fields = {name: field for name, field in fields_of(work).items() if name not in segments.NAMES}
    if singly:
        fields |= {name: replace(field, singly=True) for name, field in fields.items() if field.counts is not None}
    return Catalogue(fields, almanac_now(work))


def fields_of(work: Any, names: set[str] | None = None) -> Mapping[str, Field]:
    """Every field, the custom ones too; with `names`, only as many as are needed to find these."""
    return FIELDS | custom_fields(work, names)


def almanac_now(work: Any) -> Almanac:
    """Days by the time zones as they are set this very moment."""
    return Almanac(work.now, *zones_now(work))


def almanac_of(work: Any) -> Almanac:
    """Days by the time zones as they were set a second ago at most."""
    return Almanac(work.now, business_zone(work), zone_of_locations(work))


def compiled(work: Any, filter: Mapping[str, Any], at: str = "/filter", *, by_hash: bool = False) -> Compiled:
    """Compile a filter as who asks may ask it now; refused as Invalid or Forbidden, with pointers from `at`.

    With `by_hash`, to pass those who do not match quickly, who may be many.
    """
    names = set(named_in(filter))
    fields = fields_of(work, names)
    known = {name: _as_known(work, fields[name], by_hash) for name in names & fields.keys()}
    return compile_filter(filter, known, almanac_of(work), at, may=work.actor.may)


def asks_for_named(filter: Mapping[str, Any]) -> bool:
    """Whether it asks about tags, groups, segments or companies, which can be looked up by hash."""
    return any(isinstance(FIELDS[name].among, Named) for name in named_in(filter) if name in FIELDS)


def _as_known(work: Any, field: Field, by_hash: bool) -> Field:
    if not isinstance(field.among, Named):
        return field
    return replace(field, among=field.among.as_known(work), by_hash=by_hash)


def named_in(filter: Mapping[str, Any]) -> Iterator[str]:
    """The fields that a filter asks about."""
    for member in filter["rules"]:
        if "rules" in member:
            yield from named_in(member)
        else:
            yield member["field"]
