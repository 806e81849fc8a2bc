"""How a lead follows what contacts says of it: in any order and however often it is said, the same lead comes out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, NamedTuple

from contracts.errors import Conflict
from contracts.language import Event
from contracts.pipeline import leads
from services.pipeline.leads.model import Lead
from services.pipeline.leads.tidings import Told, Who
from services.pipeline.stages.model import Stage
from services.pipeline.stages.rules import Stages

WON = ("customer", "former_customer")
"""The lifecycles of whom the sale was made; only a reversal makes a lead of them again."""


class Happening(NamedTuple):
    """Something to announce of a lead; `at`: when it happened, if not when it was heard of; `by`: who moved it."""

    event: Event
    data: dict[str, Any]
    at: dt.datetime | None = None
    by: Who | None = None


def hear(lead: Lead, told: Told, stages: Stages, top: Decimal) -> list[Happening]:
    """Take in what was told, go where that leads, and say what happened; `top` is the rank on top of a stage."""
    assignee = lead.assigned_to
    if not _take_in(lead, told):
        return []
    lead.version += 1
    here = stages.wherever(lead.stage_id)
    if here is None:
        return _enter(lead, told, stages, top)
    return _assigned(lead, assignee) + _follow(lead, told, here, stages, top)


def _follow(lead: Lead, told: Told, here: Stage, stages: Stages, top: Decimal) -> list[Happening]:
    won = lead.lifecycle in WON
    if won and here.kind != "won":
        lead.stage_before_won = here.id
        moved = go(lead, here, stages.won, at=told.at, rank=top, reason=lead.lifecycle_reason, by=told.by)
        return [moved, _won(lead)]
    if not won and here.kind == "won":
        back = stages.get(lead.stage_before_won) or stages.entrance
        lead.stage_before_won = None
        moved = go(lead, here, back, at=told.at, rank=top, reason=lead.lifecycle_reason, by=told.by)
        reopened = {"reason": lead.lifecycle_reason, "stage_id": back.id, "stage": back.name, "version": lead.version}
        return [moved, Happening(leads.lead_reopened, reopened)]
    return []


def go(
    lead: Lead, here: Stage, there: Stage, *, at: dt.datetime, rank: Decimal, reason: str | None, by: Who | None = None
) -> Happening:
    """Put a lead into another stage."""
    lead.stage_id, lead.rank, lead.entered_stage_at = there.id, rank, at
    lead.touched_at = max(lead.touched_at, at)
    data = {
        "from_stage": here.name,
        "to_stage": there.name,
        "from_stage_id": here.id,
        "stage_id": there.id,
        "reason": reason,
        "by": by.name if by else None,
        "version": lead.version,
    }
    return Happening(leads.lead_moved, data, by=by)


def refuse_by_hand(here: Stage, there: Stage) -> None:
    """Refuse to win or to lose a sale by dragging a card: what is paid decides."""
    if there.kind == "won" and here.kind != "won":
        raise Conflict(
            f"Nobody is moved to {there.name} by hand: a lead goes there by itself when a package that is not a trial "
            "is paid. Order one for this contact and take the payment.",
            [{"pointer": "/stage_id", "detail": "Only a paid package wins."}],
        )
    if here.kind == "won" and there.kind != "won":
        raise Conflict(
            f"This contact is a customer and stays in {here.name} until the sale is refunded or rejected.",
            [{"pointer": "/stage_id", "detail": "Only a reversal brings a customer back."}],
        )


def _take_in(lead: Lead, told: Told) -> bool:
    """Keep of each fact what the newest version of the contact says; tell whether anything is new."""
    as_of = dict(lead.as_of)
    news = False
    for name, value in told.facts.items():
        if told.version > as_of.get(name, 0):
            as_of[name] = told.version
            news = news or getattr(lead, name) != value
            setattr(lead, name, value)
    if told.lifecycle and told.version > as_of.get("lifecycle", 0):
        as_of["lifecycle"] = told.version
        news = news or (lead.lifecycle or "lead") != told.lifecycle  # of whom nothing was said it is what they are
        lead.lifecycle, lead.lifecycle_reason = told.lifecycle, told.reason
    if as_of != lead.as_of:
        lead.as_of = as_of
    return news or (told.is_lead and lead.stage_id is None)


def _enter(lead: Lead, told: Told, stages: Stages, top: Decimal) -> list[Happening]:
    if not told.is_lead:
        return []
    won = lead.lifecycle in WON
    stage = stages.won if won else stages.entrance
    lead.stage_id, lead.rank = stage.id, top
    lead.entered_at = lead.entered_stage_at = told.at
    lead.touched_at = max(lead.touched_at, told.at)
    lead.stage_before_won = stages.entrance.id if won else None
    entered = {
        "lead_id": lead.contact_id,
        "stage_id": stage.id,
        "stage": stage.name,
        "assigned_to": lead.assigned_to,
        "source": lead.source,
        "version": lead.version,
    }
    return [Happening(leads.lead_entered, entered, at=told.at, by=told.by), *([_won(lead)] if won else [])]


def _assigned(lead: Lead, before: str | None) -> list[Happening]:
    if lead.assigned_to == before:
        return []
    assigned = {"assigned_to": lead.assigned_to, "before": before, "version": lead.version}
    return [Happening(leads.lead_assigned, assigned)]


def _won(lead: Lead) -> Happening:
    return Happening(leads.lead_won, {"reason": lead.lifecycle_reason, "version": lead.version})
