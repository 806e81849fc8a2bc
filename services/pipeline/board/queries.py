"""Reading the board: one statement for the figures, one for the cards, however many stages there are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import aliased

from chassis.pages import cursor_after
from chassis.work import Work
from contracts.language import Request
from services.acquaintance import known_contacts
from services.pipeline.leads.model import Lead
from services.pipeline.leads.queries import IN_ORDER, card, chosen
from services.pipeline.stages.model import Stage

Conditions = list[ColumnElement[bool]]


def get_board(work: Work, request: Request) -> dict[str, Any]:
    these = chosen(work, request)
    figures, columns = _figures(work, these), _first_leads(work, request, these)
    return {"stages": [_column(work, request, *column, figures[column[0].id]) for column in columns]}


def _figures(work: Work, these: Conditions) -> defaultdict[str, list[Any]]:
    """For each stage, how many leads are worth how much, by currency."""
    rows = work.session.execute(
        select(
            Lead.stage_id, Lead.value_currency, func.count().label("leads"), func.sum(Lead.value_amount).label("sum")
        )
        .where(Lead.stage_id.is_not(None), *these)
        .group_by(Lead.stage_id, Lead.value_currency)
        .order_by(Lead.value_currency)
    )
    figures: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        figures[row.stage_id].append(row)
    return figures


def _first_leads(work: Work, request: Request, these: Conditions) -> list[tuple[Stage, list[tuple[Lead, str]]]]:
    """Every stage in order, with its first leads and one more if there is one."""
    top = (
        select(Lead)
        .where(Lead.stage_id == Stage.id, *these)
        .order_by(*IN_ORDER)
        .limit(request.limit + 1)
        .lateral("top")
    )
    on_top = aliased(Lead, top)
    rows = work.session.execute(
        select(Stage, on_top, known_contacts.c.display_name)
        .select_from(Stage)
        .outerjoin(on_top, true())
        .outerjoin(known_contacts, known_contacts.c.contact_id == on_top.contact_id)
        .where(Stage.leaving_since.is_(None))
        .order_by(Stage.rank, Stage.id, on_top.rank, on_top.contact_id)
    )
    columns: dict[str, tuple[Stage, list[tuple[Lead, str]]]] = {}
    for stage, lead, display_name in rows:
        cards = columns.setdefault(stage.id, (stage, []))[1]
        if lead is not None:
            cards.append((lead, display_name))
    return list(columns.values())


def _column(
    work: Work, request: Request, stage: Stage, found: list[tuple[Lead, str]], figures: list[Any]
) -> dict[str, Any]:
    first = found[: request.limit]
    last = first[-1][0] if len(found) > request.limit else None
    return {
        "stage_id": stage.id,
        "name": stage.name,
        "kind": stage.kind,
        "time_allowed_days": stage.time_allowed_days,
        "count": sum(row.leads for row in figures),
        "values": [{"amount": int(row.sum), "currency": row.value_currency} for row in figures if row.value_currency],
        "leads": [card(lead, stage, display_name, work.now) for lead, display_name in first],
        "next": cursor_after(IN_ORDER, (last.rank, last.contact_id)) if last else None,
    }
