"""What can be done with a lead by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from contracts.contacts import people
from contracts.errors import Conflict, Invalid, NotFound
from contracts.pipeline import leads
from services.acquaintance import known_contacts, meet_contact, recognise
from services.pipeline.leads.following import learn, tell
from services.pipeline.leads.model import Lead
from services.pipeline.leads.placing import place_for
from services.pipeline.leads.queries import get_lead, whole
from services.pipeline.leads.rules import go, refuse_by_hand
from services.pipeline.leads.tidings import told_by_contact, who_of
from services.pipeline.ranks import on_top
from services.pipeline.stages.model import Stage
from services.pipeline.stages.queries import stages_to_enter


def move_lead(work: Any, request: Any) -> dict[str, Any]:
    """Move a lead to a stage and a place in it; where it already stands, nothing happens and nothing is told."""
    if request.before and request.after:
        raise Invalid.field("/after", "Name the card before it or the card after it, not both.")
    lead = present_lead(work, request.contact_id)
    stages = stages_to_enter(work.session)
    here, there = stages.wherever(lead.stage_id), stages.get(request.stage_id)
    if there is None or here is None:
        raise Invalid.field("/stage_id", "There is no such stage.")
    refuse_by_hand(here, there)
    if request.before or request.after:
        lead.rank = place_for(work, lead, there, before=request.before, after=request.after)
    elif here is not there:
        lead.rank = on_top(work.now)
    if here is not there:
        lead.version += 1
        by = who_of(work.cause.who)
        moved = go(lead, here, there, at=work.now, rank=lead.rank, reason=request.reason or None, by=by)
        tell(work, {lead.contact_id: [moved]})
    return _shown(work, lead, there)


def assign_lead(work: Any, request: Any) -> dict[str, Any]:
    """Give the contact to a team member, where contacts keeps whose it is, and follow at once.

    Should this fail between the two, the event of the change is followed like any other.
    """
    work.expect(get_lead(work, request)["version"])
    given = {"contact_id": request.contact_id, "assigned_to": request.assigned_to}
    learn_of(work, work.ask(people.change_contact, **given, asked_by=work.asked_by))
    return _shown(work, _lead_on_board(work, request.contact_id))


def change_lead(work: Any, request: Any) -> dict[str, Any]:
    lead = present_lead(work, request.contact_id)
    changes: dict[str, dict[str, Any]] = {}
    if "expected_package" in request and request.expected_package != lead.expected_package:
        changes["expected_package"] = {"before": lead.expected_package, "after": request.expected_package}
        lead.expected_package = request.expected_package
    if "value" in request and request.value != lead.value:
        changes["value"] = {"before": lead.value, "after": request.value}
        lead.value_amount = request.value["amount"] if request.value else None
        lead.value_currency = request.value["currency"] if request.value else None
    if changes:
        lead.version += 1
        work.record(leads.lead_changed, lead.contact_id, changes=changes, version=lead.version)
    return _shown(work, lead)


def present_lead(work: Any, contact_id: str) -> Lead:
    """Give a lead, locked and as the caller expects it; enter it now if the event of its creation is on its way."""
    _meet(work, contact_id)
    lead = _lead_on_board(work, contact_id)
    work.expect(lead.version)
    return lead


def present_contact(work: Any, contact_id: str) -> Lead:
    """Give what is known of a contact, be it a lead or a customer, locked; who is archived is refused."""
    _meet(work, contact_id)
    return _held(work, contact_id)[0]


def learn_of(work: Any, contact: Mapping[str, Any]) -> None:
    """Take in a contact as contacts answered it just now."""
    recognise(work, contact)
    learn(work, [told_by_contact(contact)])


def enter(work: Any, contact: Mapping[str, Any]) -> None:
    """Take in a contact that nothing was heard of yet, as contacts answered it just now; who moves it there is who
    entered it, where that is who asks."""
    recognise(work, contact)
    by = who_of(work.cause.who) if contact.get("created_by") == work.actor.id else None
    learn(work, [told_by_contact(contact, by)])


def _meet(work: Any, contact_id: str) -> None:
    if work.reading.scalar(select(Lead.stage_id).where(Lead.contact_id == contact_id)) is None:
        enter(work, meet_contact(work, contact_id))


def _lead_on_board(work: Any, contact_id: str) -> Lead:
    lead, display_name = _held(work, contact_id)
    if lead.stage_id is None:
        raise NotFound(f"{display_name} is not a lead.")
    return lead


def _held(work: Any, contact_id: str) -> tuple[Lead, str]:
    found = work.session.execute(
        select(Lead, known_contacts.c.display_name, known_contacts.c.standing)
        .outerjoin(known_contacts, known_contacts.c.contact_id == Lead.contact_id)
        .where(Lead.contact_id == contact_id)
        .with_for_update(of=Lead)
    ).one()
    if found.standing == "archived":
        raise Conflict(f"{found.display_name} is archived. Restore the contact first.")
    return found.Lead, found.display_name


def _shown(work: Any, lead: Lead, stage: Stage | None = None) -> dict[str, Any]:
    name = work.session.scalar(
        select(known_contacts.c.display_name).where(known_contacts.c.contact_id == lead.contact_id)
    )
    return whole(lead, stage or work.session.get(Stage, lead.stage_id), name, work.now)
