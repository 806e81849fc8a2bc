"""Taking in what happened, and adding it up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from chassis.rows import rows_of, update_rows
from contracts.contacts.facts import facts_changed
from services.contacts.facts.adding import SUMS
from services.contacts.facts.model import FactMark, Facts
from services.contacts.facts.rules import Mark, difference, newest, rounds_of
from services.contacts.projections.actions import hold_editions
from services.contacts.projections.rules import Happened
from services.contacts.settings.queries import setting

PROJECTION = "facts"
_facts, _marks = Facts.__table__, FactMark.__table__
_given = rows_of(_marks)
_keep_marks = insert(_marks).from_select([c.name for c in _marks.c], select(*_given.c))
_keep_marks = _keep_marks.on_conflict_do_update(
    index_elements=list(_marks.primary_key),
    set_={name: _keep_marks.excluded[name] for name in ("rank", "event_id", "at", "data")},
    where=tuple_(_keep_marks.excluded.rank, _keep_marks.excluded.event_id) > tuple_(_marks.c.rank, _marks.c.event_id),
)


class _Held(NamedTuple):
    """The facts of contacts before something is added, locked; `new` are those of whom nothing was known."""

    rows: dict[str, dict[str, Any]]
    new: set[str]


def take_in(work: Any, events: Sequence[Happened]) -> None:
    """Add up what happened to whom it is about, and tell of each change which event made it.

    What is told does not depend on what is heard together: each round has one event of a contact.
    """
    editions = hold_editions(work, PROJECTION)
    for marks in rounds_of(events):
        held = _held(work, sorted(marks))
        keep_marks(work, newest([mark for _, left in marks.values() for mark in left]), editions.all)
        _add_up(work, held, editions.shown, {one: _cause(event) for one, (event, _) in marks.items()})


def keep_marks(work: Any, marks: Iterable[Mark], editions: Sequence[int]) -> None:
    """Keep marks, each the only one of its thing, unless a newer one is there."""
    rows = [mark._asdict() | {"edition": edition, "at": mark.at.isoformat()} for edition in editions for mark in marks]
    if rows:
        work.session.execute(_keep_marks, {"given": rows})


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


def _held(work: Any, contact_ids: Sequence[str]) -> _Held:
    """Lock the rows, in one order for everyone, and make those that are missing."""
    new = [{"contact_id": contact_id, "currency": setting(work, "currency")} for contact_id in contact_ids]
    made = work.session.scalars(insert(_facts).on_conflict_do_nothing().returning(_facts.c.contact_id), new).all()
    wanted = select(_facts).where(_facts.c.contact_id.in_(contact_ids)).order_by(_facts.c.contact_id)
    rows = {row["contact_id"]: dict(row) for row in work.session.execute(wanted.with_for_update()).mappings()}
    return _Held(rows, set(made))


def _add_up(work: Any, held: _Held, edition: int, causes: Mapping[str, dict[str, Any]]) -> None:
    asked = {"contact_ids": list(held.rows), "edition": edition, "currency": setting(work, "currency")}
    after = [dict(row) for row in work.session.execute(SUMS, asked).mappings()]
    changes = {row["contact_id"]: difference(held.rows[row["contact_id"]], row) for row in after}
    update_rows(work.session, _facts, [row for row in after if changes[row["contact_id"]]])
    work.record_many(
        facts_changed,
        [
            (contact_id, {"changes": changed, "cause": causes[contact_id]})
            for contact_id, changed in changes.items()
            if changed or contact_id in held.new
        ],
    )
