"""Writing down what was heard of contacts: leads entered and moved in sets, with what there is to tell of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import inspect, select

from chassis.flushing import changed_together
from chassis.rows import insert_new, insert_rows, one_of
from contracts.pipeline import leads
from services.pipeline.leads.model import Lead, Move
from services.pipeline.leads.rules import Happening, hear
from services.pipeline.leads.tidings import Told
from services.pipeline.ranks import on_top
from services.pipeline.stages.queries import stages_to_enter

_leads: Any = Lead.__table__
_moves: Any = Move.__table__


class Effect(NamedTuple):
    """What one of the tidings did to a lead; `event`: by which it was told, if it was not asked for."""

    event: Any
    happened: list[Happening]


def learn(work: Any, tidings: Sequence[Told]) -> None:
    """Take in a batch of tidings, about known leads and new ones."""
    stages = stages_to_enter(work.session)
    known = _locked(work, {told.contact_id for told in tidings})
    fresh: dict[str, Lead] = {}
    effects: dict[str, list[Effect]] = {}
    with changed_together(work.session):
        for nth, told in enumerate(tidings):
            lead = known.get(told.contact_id) or fresh.setdefault(told.contact_id, Lead.unheard_of(told.contact_id))
            if found := hear(lead, told, stages, on_top(work.now, nth)):
                effects.setdefault(told.contact_id, []).append(Effect(told.event, found))
    missed = fresh.keys() - _inserted(work, fresh.values())
    for effect in _in_rounds({contact_id: some for contact_id, some in effects.items() if contact_id not in missed}):
        if heard := {contact_id: event for contact_id, (event, _) in effect.items() if event}:
            work.because_of_each(heard)
        tell(work, {contact_id: happened for contact_id, (_, happened) in effect.items()})
    if missed:  # somebody else put them down at this moment, and now they are known
        learn(work, [told for told in tidings if told.contact_id in missed])


def _in_rounds(effects: Mapping[str, Sequence[Effect]]) -> Iterator[dict[str, Effect]]:
    """The first effect on each lead, then the second on each, and so on: each is told as coming of its own event."""
    for nth in range(max(map(len, effects.values()), default=0)):
        yield {contact_id: some[nth] for contact_id, some in effects.items() if nth < len(some)}


def tell(work: Any, happened: dict[str, list[Happening]]) -> None:
    """Record what happened to each lead, and keep its moves."""
    moves = []
    for contact_id, happenings in happened.items():
        for happening in happenings:
            work.record_many(happening.event, [(contact_id, happening.data)], at=happening.at)
            if happening.event in (leads.lead_entered, leads.lead_moved):
                moves.append(_move(contact_id, happening, happening.at or work.now))
    insert_rows(work.session, _moves, moves)


def _locked(work: Any, contact_ids: Iterable[str]) -> dict[str, Lead]:
    wanted = select(Lead).where(one_of(Lead.contact_id, contact_ids)).order_by(Lead.contact_id).with_for_update()
    return {lead.contact_id: lead for lead in work.session.scalars(wanted.execution_options(populate_existing=True))}


def _inserted(work: Any, fresh: Iterable[Lead]) -> set[str]:
    """Insert leads in one statement, and give the ids of those that nobody else had inserted."""
    rows = [_row(lead) for lead in sorted(fresh, key=lambda lead: lead.contact_id)]
    return insert_new(work.session, _leads, rows)


def _row(lead: Lead) -> dict[str, Any]:
    return {column.key: getattr(lead, column.key) for column in inspect(Lead).column_attrs}


def _move(contact_id: str, happening: Happening, at: dt.datetime) -> dict[str, Any]:
    data, by = happening.data, happening.by
    return {
        "contact_id": contact_id,
        "version": data["version"],
        "moved_at": at,
        "by": by.id if by else None,
        "by_name": by.name if by else None,
        "from_stage_id": data.get("from_stage_id"),
        "from_stage": data.get("from_stage"),
        "to_stage_id": data["stage_id"],
        "to_stage": data.get("to_stage") or data["stage"],
        "reason": data.get("reason"),
    }
