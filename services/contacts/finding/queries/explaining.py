"""Why contacts match a filter today, or no longer do, though nothing happened to them but another day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, select

from services.contacts.finding.queries.almanac import among
from services.contacts.finding.queries.catalogue import Catalogue
from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.finding.queries.matching import with_facts
from services.contacts.finding.rules.explaining import words_for
from services.contacts.finding.rules.operators import operator_of, passes_with_time
from services.contacts.finding.rules.values import read_value

Rule = tuple[Field, str, Any]


def why_time(
    work: Any,
    catalogue: Catalogue,
    filter: Mapping[str, Any],
    contact_ids: Collection[str],
    before: dt.date | None = None,
) -> dict[str, str]:
    """The words for each of these contacts, since the day `before`, or else yesterday."""
    rules = list(_passing(catalogue, filter))
    plain = [rule for rule in rules if rule[0].through is None and rule[0].type != "tally"]
    columns = [field.column for field, _, _ in plain]
    rows = work.session.execute(
        select(contacts.c.id, contacts.c.location, *(column.label(f"v{n}") for n, column in enumerate(columns)))
        .select_from(with_facts(perhaps=True))
        .where(among(contacts.c.id, list(contact_ids), Uuid(as_uuid=False)))
    )
    found = {}
    for contact_id, location, *values in rows:
        zone = catalogue.almanac.zone_of(location)
        today = catalogue.almanac.today(zone)
        since = before or today - dt.timedelta(days=1)
        told = (
            words_for(field.label, operator, value, _day(stands, zone), since, today)
            for (field, operator, value), stands in zip(plain, values, strict=True)
        )
        found[contact_id] = next((words for words in told if words), None) or _otherwise(rules, today)
    return found


def _passing(catalogue: Catalogue, filter: Mapping[str, Any]) -> Iterator[Rule]:
    """The rules whose answer another day may change."""
    for member in filter["rules"]:
        if "rules" in member:
            yield from _passing(catalogue, member)
            continue
        field = catalogue.fields[member["field"]]
        operator = operator_of(field.type, member["operator"])
        assert operator is not None
        if passes_with_time(field.type, operator.name) or field.until is not None:
            yield field, operator.name, read_value(field.type, operator, member["value"])


def _otherwise(rules: list[Rule], today: dt.date) -> str:
    counted = next(((field, value) for field, _, value in rules if field.type == "tally"), None)
    if counted:
        field, value = counted
        return (
            f"{field.label[:1].lower()}{field.label[1:]} of {value.stretch.n} {value.stretch.unit}s, counted on {today}"
        )
    return f"it is {today}"


def _day(value: Any, zone: ZoneInfo) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.astimezone(zone).date()
    return dt.date.fromisoformat(value) if isinstance(value, str) else value
