"""The reports, each one statement."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, distinct, exists, extract, func, select
from sqlalchemy.orm import aliased

from contracts.pipeline.reports import MOST_ROWS
from services.acquaintance import known_business
from services.pipeline.leads.model import Lead, Move
from services.pipeline.leads.queries import of_these
from services.pipeline.locations.queries import names_of_locations
from services.pipeline.reports.rules import Days, days_of, expected, share
from services.pipeline.stages.model import Stage
from services.pipeline.team.model import Colleague

_KIND = func.coalesce(Stage.kind, "open")
_ARCHIVED = Lead.standing != "active"
_UNDATED = (r"^(former )?customer since \d{4}-\d\d-\d\d: ", "")
"""Since when is no part of why."""
_later = aliased(Move)
_LATER = (_later.contact_id == Move.contact_id, _later.version > Move.version)


def report_conversion(work: Any, request: Any) -> dict[str, Any]:
    """Group leads by what they came into or from, and say what they are now."""
    days = _days(work, request)
    wanted = _by_stage(work, request, days) if request.by == "stage" else _by_trait(work, request, days)
    names = names_of_locations(work) if request.by == "location" else {}
    rows = work.session.execute(wanted.limit(MOST_ROWS))
    return days.told | {"by": request.by, "items": [_conversion(row, names) for row in rows]}


def report_time_in_stage(work: Any, request: Any) -> dict[str, Any]:
    """Measure each stay from the move into the stage to the next move of the lead."""
    days = _days(work, request)
    came = Move.moved_at >= days.begin, Move.moved_at < days.end
    of_them = (
        select(Move.contact_id).join(Lead, Lead.contact_id == Move.contact_id).where(*came, *of_these(work, request))
    )
    until = func.lead(Move.moved_at).over(partition_by=Move.contact_id, order_by=Move.version)
    moves = select(Move.to_stage_id, Move.moved_at, until.label("left_at"), _ARCHIVED.label("archived"))
    stays = moves.join(Lead, Lead.contact_id == Move.contact_id).where(Move.contact_id.in_(of_them)).subquery("stays")
    lasted = extract("epoch", stays.c.left_at - stays.c.moved_at) / 3600
    so_far = extract("epoch", work.now - stays.c.moved_at) / 3600
    ended, archived = stays.c.left_at.is_not(None), stays.c.archived
    wanted = (
        select(
            Stage.id.label("stage_id"),
            Stage.name.label("stage"),
            func.count().label("stays"),
            func.count().filter(ended).label("ended"),
            func.avg(lasted).filter(ended).label("average_hours"),
            func.percentile_cont(0.5).within_group(lasted).label("median_hours"),
            func.count().filter(~ended, archived).label("archived"),
            func.count().filter(~ended, ~archived).label("standing"),
            func.avg(so_far).filter(~ended, ~archived).label("standing_average_hours"),
        )
        .join(Stage, Stage.id == stays.c.to_stage_id)
        .where(stays.c.moved_at >= days.begin, stays.c.moved_at < days.end)
        .group_by(Stage.id)
        .order_by(Stage.rank, Stage.id)
    )
    rows = work.session.execute(wanted)
    return days.told | {"items": [_rounded(row) for row in rows]}


def report_outcomes(work: Any, request: Any) -> dict[str, Any]:
    """Count the reasons of the last move of those who stand in Won or Lost, in the spelling that most have."""
    days = _days(work, request)
    leads = func.count().label("leads")
    words = func.regexp_replace(Move.reason, *_UNDATED)
    reason = func.mode().within_group(words).label("reason")
    wanted = (
        select(Stage.kind, reason, leads)
        .select_from(Stage)
        .join(Move, and_(Move.to_stage_id == Stage.id, Move.moved_at >= days.begin, Move.moved_at < days.end))
        .join(Lead, Lead.contact_id == Move.contact_id)
        .where(
            Stage.kind.in_(("won", "lost")), ~exists(select(_later.version).where(*_LATER)), *of_these(work, request)
        )
        .group_by(Stage.kind, func.lower(words))
        .order_by(Stage.kind.desc(), leads.desc(), reason)
        .limit(MOST_ROWS)
    )
    return days.told | {"items": work.session.execute(wanted).mappings().all()}


def forecast(work: Any, request: Any) -> dict[str, Any]:
    """Multiply what stands in each open stage by how many of those who came through it were won."""
    since = work.now - dt.timedelta(days=request.history_days)
    now = Stage.__table__.alias("now")
    passed = (
        select(
            Move.to_stage_id,
            func.count(distinct(Move.contact_id)).filter(now.c.kind == "won").label("won"),
            func.count(distinct(Move.contact_id)).filter(now.c.kind == "lost").label("lost"),
        )
        .join(Lead, Lead.contact_id == Move.contact_id)
        .join(now, now.c.id == Lead.stage_id)
        .where(Move.moved_at >= since)
        .group_by(Move.to_stage_id)
        .subquery("passed")
    )
    won, lost = func.coalesce(passed.c.won, 0), func.coalesce(passed.c.lost, 0)
    wanted = (
        select(
            Stage.id, Stage.name, Lead.value_currency, func.count().label("leads"),
            func.sum(Lead.value_amount).label("value"), won.label("won"), lost.label("lost"),
        )
        .select_from(Stage)
        .join(Lead, Lead.stage_id == Stage.id)
        .outerjoin(passed, passed.c.to_stage_id == Stage.id)
        .where(Stage.kind == "open", Lead.value_currency.is_not(None), ~_ARCHIVED, *of_these(work, request))
        .group_by(Stage.id, Lead.value_currency, won, lost)
        .order_by(Stage.rank, Stage.id, Lead.value_currency)
    )  # fmt: skip
    items = [_expected(row) for row in work.session.execute(wanted)]
    sums: defaultdict[str, int] = defaultdict(int)
    for item in items:
        if item["expected"]:
            sums[item["expected"]["currency"]] += item["expected"]["amount"]
    return {"items": items, "expected": [{"amount": sums[currency], "currency": currency} for currency in sorted(sums)]}


def _days(work: Any, request: Any) -> Days:
    return days_of(request, work.now, known_business(work).zone)


def _by_stage(work: Any, request: Any, days: Days) -> Select[Any]:
    """Who came into each stage, however often, and what became of them."""
    into = Stage.__table__.alias("into")
    came = (
        select(Move.to_stage_id, func.min(_KIND).label("kind"), func.bool_or(_ARCHIVED).label("archived"))
        .join(Lead, Lead.contact_id == Move.contact_id)
        .outerjoin(Stage, Stage.id == Lead.stage_id)
        .where(Move.moved_at >= days.begin, Move.moved_at < days.end, *of_these(work, request))
        .group_by(Move.to_stage_id, Lead.contact_id)
        .subquery("came")
    )
    return (
        select(into.c.id.label("key"), into.c.name.label("label"), *_counts(came.c.kind, came.c.archived))
        .join(came, came.c.to_stage_id == into.c.id)
        .group_by(into.c.id, into.c.name, into.c.rank)
        .order_by(into.c.rank, into.c.id)
    )


def _by_trait(work: Any, request: Any, days: Days) -> Select[Any]:
    """Who came onto the board, by where from, when, or whose they are."""
    by, counts = request.by, _counts(_KIND, _ARCHIVED)
    local = func.timezone(days.zone.key, Lead.entered_at)
    key: ColumnElement[Any] = {
        "source": func.lower(Lead.source),
        "location": func.lower(Lead.location),
        "assignee": func.cast(Lead.assigned_to, Lead.source.type),
        "month": func.to_char(local, "YYYY-MM"),
        "week": func.to_char(local, 'IYYY-"W"IW'),
    }[by]  # type: ignore[assignment]
    key = key.label("key")
    named = {"assignee": Colleague.name, "source": Lead.source, "location": Lead.location}.get(by, key)
    label = func.max(named).label("label")
    wanted = (
        select(key, label, *counts)
        .select_from(Lead)
        .outerjoin(Stage, Stage.id == Lead.stage_id)
        .where(Lead.stage_id.is_not(None), Lead.entered_at >= days.begin, Lead.entered_at < days.end)
        .where(*of_these(work, request))
        .group_by(key)
    )
    if by == "assignee":
        wanted = wanted.outerjoin(Colleague, Colleague.id == Lead.assigned_to)
    return wanted.order_by(key) if by in ("month", "week") else wanted.order_by(counts[0].desc(), key)


def _counts(kind: ColumnElement[Any], archived: ColumnElement[bool]) -> list[Any]:
    """How many there are, and what they are now; of rows that are a lead each."""
    return [
        func.count().label("leads"),
        func.count().filter(kind == "won").label("won"),
        func.count().filter(kind == "lost").label("lost"),
        func.count().filter(kind == "open", archived).label("archived"),
    ]


def _conversion(row: Any, names: Mapping[str, str]) -> dict[str, Any]:
    told = dict(row._mapping) | {"label": names.get(row.key, row.label)}
    decided = row.won + row.lost + row.archived
    return told | {"open": row.leads - decided, "rate": share(row.won, row.leads) or 0.0}


def _rounded(row: Any) -> dict[str, Any]:
    hours = ("average_hours", "median_hours", "standing_average_hours")
    told = dict(row._mapping)
    return told | {name: None if told[name] is None else round(float(told[name]), 2) for name in hours}


def _expected(row: Any) -> dict[str, Any]:
    value, may_come = int(row.value), expected(int(row.value), row.won, row.lost)
    money = {"currency": row.value_currency}
    return {
        "stage_id": row.id,
        "stage": row.name,
        "leads": row.leads,
        "value": money | {"amount": value},
        "won": row.won,
        "lost": row.lost,
        "rate": share(row.won, row.won + row.lost),
        "expected": None if may_come is None else money | {"amount": may_come},
    }
