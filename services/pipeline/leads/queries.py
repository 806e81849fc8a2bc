"""What can be asked of leads."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, select

from chassis.pages import keys_for, page_of
from chassis.work import Work
from contracts.errors import Invalid, NotFound
from contracts.language import Request
from services.acquaintance import known_contacts, known_setting, meet_contact
from services.pipeline.leads.model import Lead, Move
from services.pipeline.leads.rules import hear
from services.pipeline.leads.tidings import told_by_contact
from services.pipeline.locations.queries import location_meant
from services.pipeline.ranks import on_top
from services.pipeline.segments.queries import of_contacts
from services.pipeline.stages.model import Stage
from services.pipeline.stages.queries import all_stages

FOLLOW_UP_WINDOW_DAYS = 45
"""Until the business says otherwise, as its settings do."""
IN_ORDER = (Lead.rank, Lead.contact_id)
"""The order of the cards in a stage, top to bottom."""


def get_lead(work: Any, request: Any) -> dict[str, Any]:
    """Read one lead; if the event of its creation is still on its way, show it as it will be entered."""
    row = work.reading.execute(_leads().where(Lead.contact_id == request.contact_id)).first()
    if row is None:
        return _about_to_enter(work, request.contact_id)
    lead, stage, display_name = row
    return whole(lead, stage, display_name, work.now)


def list_leads(work: Any, request: Any) -> dict[str, Any]:
    if all_stages(work.session).get(request.stage_id) is None:
        raise Invalid.field("/stage_id", "There is no such stage.")
    wanted = _leads().where(Lead.stage_id == request.stage_id, *chosen(work, request))
    page = page_of(work, wanted, IN_ORDER, request)
    return page | {"items": [card(lead, stage, name, work.now) for lead, stage, name, *_ in page["items"]]}


def find_leads(work: Any, request: Any) -> dict[str, Any]:
    """The leads of all stages by their last touch; untouched are open ones, for longer than the window."""
    wanted = _leads().where(Lead.stage_id.is_not(None), *chosen(work, request))
    if request.kind:
        wanted = wanted.where(Stage.kind == request.kind)
    if request.untouched is not None:
        window = dt.timedelta(days=known_setting(work, "follow_up_window_days", FOLLOW_UP_WINDOW_DAYS))
        untouched = and_(Stage.kind == "open", Lead.touched_at <= work.now - window)
        wanted = wanted.where(untouched if request.untouched else not_(untouched))
    page = page_of(work, wanted, keys_for(request.sort, untouched=[Lead.touched_at, Lead.contact_id]), request)
    return page | {"items": [_touched(lead, stage, name, work.now) for lead, stage, name, *_ in page["items"]]}


def list_moves(work: Any, request: Any) -> dict[str, Any]:
    wanted = select(Move).where(Move.contact_id == request.contact_id)
    return page_of(work, wanted, keys_for(request.sort, oldest=[Move.version]), request)


def chosen(work: Work, request: Request) -> list[ColumnElement[bool]]:
    """The conditions of the filters that the board and the lists share; who was archived is in none of them."""
    conditions = [Lead.standing == "active", *of_these(work, request)]
    if request.older_than_days is not None:
        conditions.append(Lead.entered_stage_at <= work.now - dt.timedelta(days=request.older_than_days))
    return conditions + of_contacts(work, request, Lead.contact_id)


def of_these(work: Work, request: Any) -> list[ColumnElement[bool]]:
    """The conditions of whose leads, where from and where, which the reports have as well."""
    conditions: list[ColumnElement[bool]] = []
    if request.assigned_to:
        conditions.append(Lead.assigned_to == request.assigned_to)
    if request.source:
        conditions.append(_is_word(Lead.source, request.source))
    if request.location:
        conditions.append(_at_location(work, request.location))
    return conditions


def _at_location(work: Work, location: str) -> ColumnElement[bool]:
    """Contacts says where a name means, or that it means nothing, unless it is how leads have it already."""
    there = _is_word(Lead.location, location)
    if work.reading.scalar(select(exists().where(Lead.stage_id.is_not(None), there))):
        return there
    return _is_word(Lead.location, location_meant(work, location))


def _is_word(column: Any, word: str) -> ColumnElement[bool]:
    """In whatever letter case, as the filter language has it."""
    return func.lower(column) == func.lower(word)


def whole(lead: Lead, stage: Stage, display_name: str | None, now: dt.datetime) -> dict[str, Any]:
    """A lead with everything that is known of it here."""
    return card(lead, stage, display_name, now) | {
        "stage": stage.name,
        "stage_kind": stage.kind,
        "location": lead.location,
        "expected_package": lead.expected_package,
        "entered_at": lead.entered_at,
        "version": lead.version,
    }


def card(lead: Lead, stage: Stage, display_name: str | None, now: dt.datetime) -> dict[str, Any]:
    """A lead as the board shows it."""
    age_days = max(0, (now - lead.entered_stage_at).days) if lead.entered_stage_at else 0
    return {
        "contact_id": lead.contact_id,
        "display_name": display_name or "",
        "stage_id": stage.id,
        "assigned_to": lead.assigned_to,
        "status": "converted" if stage.kind == "won" else lead.status,
        "source": lead.source,
        "value": lead.value,
        "entered_stage_at": lead.entered_stage_at,
        "age_days": age_days,
        "overdue": stage.time_allowed_days is not None and age_days >= stage.time_allowed_days,
    }


def _touched(lead: Lead, stage: Stage, display_name: str | None, now: dt.datetime) -> dict[str, Any]:
    days = max(0, (now - lead.touched_at).days)
    return card(lead, stage, display_name, now) | {"touched_at": lead.touched_at, "untouched_days": days}


def _leads() -> Select[Any]:
    return (
        select(Lead, Stage, known_contacts.c.display_name)
        .join(Stage, Stage.id == Lead.stage_id)
        .outerjoin(known_contacts, known_contacts.c.contact_id == Lead.contact_id)
    )


def _about_to_enter(work: Any, contact_id: str) -> dict[str, Any]:
    contact = meet_contact(work, contact_id)
    lead, stages = Lead.unheard_of(contact_id), all_stages(work.reading)
    hear(lead, told_by_contact(contact), stages, on_top(work.now))
    stage = stages.get(lead.stage_id)
    if stage is None:
        raise NotFound(f"{contact['display_name']} is not a lead.")
    return whole(lead, stage, contact["display_name"], work.now)
