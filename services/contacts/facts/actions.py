"""Taking in what happened, and adding it up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, tuple_

from chassis.rows import array_of, insert_new, one_of, plain_rows, update_rows, upserting
from contracts.contacts.facts import facts_changed
from services.contacts.facts.adding import SUMS
from services.contacts.facts.model import FactMark, Facts, nothing_of
from services.contacts.facts.rules import Mark, difference, newest, rounds_of
from services.contacts.projections.actions import hold_editions
from services.contacts.projections.rules import Happened
from services.contacts.settings.queries import setting

PROJECTION = "facts"
_facts, _marks = Facts.__table__, FactMark.__table__
_keep_marks = upserting(
    _marks, lambda there, coming: tuple_(coming.rank, coming.event_id) > tuple_(there.rank, there.event_id)
)


def take_in(work: Any, events: Sequence[Happened]) -> None:
    """Add up what happened to whom it is about, and tell of each change which event made it.

    What is told does not depend on what is heard together: each round has one event of a contact.
    """
    editions = hold_editions(work, PROJECTION)
    for marks in rounds_of(events):
        work.because_of_each({one: event for one, (event, _) in marks.items()})
        held = _held(work, sorted(marks))
        keep_marks(work, newest([mark for _, left in marks.values() for mark in left]), editions.all)
        _add_up(work, held, editions.shown, {one: _cause(event) for one, (event, _) in marks.items()})


def keep_marks(work: Any, marks: Iterable[Mark], editions: Sequence[int]) -> None:
    """Keep marks, each the only one of its thing, unless a newer one is there."""
    rows = [mark._asdict() | {"edition": edition} for edition in editions for mark in marks]
    if rows:
        work.session.execute(_keep_marks, plain_rows(rows))


def add_up_again(work: Any, contact_ids: Sequence[str], edition: int) -> None:
    """Add these contacts up from the marks of this edition, and drop the marks of any other.

    Whoever has no mark in it was never heard of, and has no facts.
    """
    held = _held(work, contact_ids)
    work.session.execute(delete(_marks).where(_marks.c.contact_id.in_(contact_ids), _marks.c.edition != edition))
    cause = {"type": "facts.rebuilt", "event_id": None, "time": work.now}
    _add_up(work, held, edition, dict.fromkeys(contact_ids, cause))
    marked = select(_marks.c.contact_id).where(_marks.c.contact_id == _facts.c.contact_id)
    work.session.execute(delete(_facts).where(_facts.c.contact_id.in_(contact_ids), ~marked.exists()))


def _cause(event: Happened) -> dict[str, Any]:
    return {"type": event.type, "event_id": event.id, "time": event.time}


def _held(work: Any, contact_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Lock the facts as they are before something is added, and make those that are missing; each in one order."""
    rows = _locked(work, contact_ids)
    missing = {one: nothing_of(one, setting(work, "currency")) for one in contact_ids if one not in rows}
    new = insert_new(work.session, _facts, list(missing.values()))
    rows |= {one: missing.pop(one) for one in new}
    return rows | _locked(work, missing)  # those that somebody else made at this moment


def _locked(work: Any, contact_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    if not contact_ids:
        return {}
    wanted = select(_facts).where(one_of(_facts.c.contact_id, contact_ids)).order_by(_facts.c.contact_id)
    return {row["contact_id"]: dict(row) for row in work.session.execute(wanted.with_for_update()).mappings()}


def _add_up(work: Any, held: dict[str, dict[str, Any]], edition: int, causes: Mapping[str, dict[str, Any]]) -> None:
    asked = {"contact_ids": array_of(held), "edition": edition, "currency": setting(work, "currency")}
    after = [dict(row) for row in work.session.execute(SUMS, asked).mappings()]
    changes = {row["contact_id"]: difference(held[row["contact_id"]], row) for row in after}
    update_rows(work.session, _facts, [row for row in after if changes[row["contact_id"]]])
    work.record_many(
        facts_changed,
        [
            (contact_id, {"changes": changed, "cause": causes[contact_id]})
            for contact_id, changed in changes.items()
            if changed  # noughts are what was known of who is new
        ],
    )
