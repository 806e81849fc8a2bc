"""The built-in segments and the rules of system tags are there, and follow the settings until somebody edits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from chassis.rows import set_on
from services.contacts.contact.rules import fold
from services.contacts.finding.queries.catalogue import catalogue_of_segments
from services.contacts.segments.actions.defining import add_segment, look_at_everybody, next_version, redefine
from services.contacts.segments.model import Segment
from services.contacts.segments.queries.defined import definitions
from services.contacts.segments.rules.built_in import BuiltIn, built_in_segments, tag_rules
from services.contacts.settings.queries import forget, setting

_KEEPING = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("built-in segments", 0)))


def keep_built_ins(work: Any) -> None:
    """Make those that there never were, and change those that nobody edited as the settings say; once is enough."""
    work.session.execute(_KEEPING)
    forget()
    numbers = partial(setting, work)
    taken = set(work.session.scalars(sa.select(Segment.name_key).where(Segment.deleted_at.is_(None))))
    _keep(work, "built_in", built_in_segments(numbers), lambda name: _free(name, taken))
    _keep(work, "tag", tag_rules(numbers), str)


def _keep(work: Any, kind: str, wanted: Mapping[str, BuiltIn], name_of: Callable[[str], str]) -> None:
    """Those that the column `kind` names."""
    column = getattr(Segment, kind)
    there = {getattr(one, kind): one for one in work.session.scalars(sa.select(Segment).where(column.is_not(None)))}
    for key, built_in in wanted.items():
        segment = there.get(key)
        if segment is None:
            told = built_in._asdict() | {"name": name_of(built_in.name), kind: key}
            add_segment(work, **told)
        elif not segment.edited and segment.deleted_at is None and segment.filter != built_in.filter:
            next_version(work, segment, set_on(segment, {"filter": built_in.filter}))
            redefine(work, segment, "a setting was changed")


def _free(name: str, taken: set[str]) -> str:
    """The business may have used the name for something of its own before."""
    numbers = (f"{name} {n}" for n in range(2, 1000))
    return name if fold(name) not in taken else next(one for one in numbers if fold(one) not in taken)


def follow_settings(work: Any, events: Sequence[Any]) -> None:
    """Where days begin may be otherwise now, and what the built-in segments ask."""
    keep_built_ins(work)
    if any(_moves_days(event) for event in events):
        for definition in definitions(work, catalogue_of_segments(work)):
            if definition.found.zoned:
                segment = work.session.get(Segment, definition.id, with_for_update=True)
                look_at_everybody(work, segment, "the time zone was changed")


def _moves_days(event: Any) -> bool:
    return event.type.startswith("location.") or "time_zone" in event.data.changes
