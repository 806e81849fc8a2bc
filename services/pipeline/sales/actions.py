"""Going through a sales flow: begun, saved step by step, abandoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from chassis.work import Work
from contracts.billing import packages
from contracts.contacts import people
from contracts.documents import agreements, forms
from contracts.errors import Blocked, Conflict, Invalid, found_under, named_at
from contracts.language import Request
from contracts.pipeline import sales
from services.pipeline.leads.actions import enter, present_contact
from services.pipeline.sales import rules
from services.pipeline.sales.model import SalesFlow
from services.pipeline.sales.queries import sales_flow, shown

UNDER_WAY = ("open", "ordering")


def begin_sales_flow(work: Work, request: Request) -> dict[str, Any]:
    """Begin for a contact that there is, or for a lead that is entered with it, which saves the first step."""
    if (request.contact_id is None) == (request.lead_data is None):
        raise Invalid.field("/contact_id", "Name a contact, or give the data of a new lead.")
    if request.lead_data is None:
        with named_at("/contact_id"):
            return shown(_begin(work, present_contact(work, request.contact_id).contact_id))
    entered = _enter_lead(work, request.lead_data)
    enter(work, entered)
    flow = _begin(work, entered["id"])
    _keep_step(work, flow, "lead_data", rules.lead_data_of(entered))
    return shown(flow)


def _enter_lead(work: Work, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Have contacts enter a lead, once for this call: asked again after a crash, it is the one entered then."""
    work.actor.permit("contacts.write")
    once = f"{work.actor.id} begin_sales_flow {work.key}"
    with found_under("/lead_data"):
        told = {**rules.as_sent(given), "enter_as": "lead", "asked_by": work.asked_by}
        entered: Mapping[str, Any] = work.ask_once(once, people.create_contact, **told)
        return entered


def _begin(work: Work, contact_id: str) -> SalesFlow:
    """Of two who begin at once the second waits behind the contact's row and finds the first one's."""
    under_way = select(SalesFlow.id).where(SalesFlow.contact_id == contact_id, SalesFlow.state.in_(UNDER_WAY))
    found = work.session.scalar(under_way)
    if found is not None:
        raise Conflict("A sales flow is under way for this contact. Go on with it.", sales_flow_id=found)
    flow = SalesFlow(
        id=new_id(),
        contact_id=contact_id,
        state="open",
        steps={},
        begun_at=work.now,
        begun_by=work.actor.name or None,
        version=1,
    )
    work.session.add(flow)
    work.record(sales.sales_flow_begun, flow.contact_id, **flow.told)
    return flow


def save_lead_data(work: Work, request: Request) -> dict[str, Any]:
    flow = _to_be_saved(work, request, "contacts.write")
    changes = {name: value for name, value in request.items() if name != "sales_flow_id"}
    if "assigned_to" in changes and changes["assigned_to"] is None:
        raise Invalid.field("/assigned_to", "A lead has somebody who takes care of it.")
    given = {**rules.as_sent(changes), "contact_id": flow.contact_id}
    contact = work.ask(people.change_contact, **given, asked_by=work.asked_by)
    return _save(work, flow.id, "lead_data", rules.lead_data_of(contact))


def save_questionnaire(work: Work, request: Request) -> dict[str, Any]:
    return _save_answers(work, request, "questionnaire")


def save_goal_plan(work: Work, request: Request) -> dict[str, Any]:
    return _save_answers(work, request, "goal_plan")


def save_package(work: Work, request: Request) -> dict[str, Any]:
    if request.skipped == bool(request.package_id):
        raise Invalid.field("/package_id", "Name a package, or say that this is skipped.")
    flow = _to_be_saved(work, request, "pipeline.write" if request.skipped else "billing.sell")
    if request.skipped:
        return _save(work, flow.id, "package", rules.NO_PACKAGE)
    with named_at("/package_id"):
        package = work.ask(packages.get_package, package_id=request.package_id)
    return _save(work, flow.id, "package", rules.package_step_of(package, request.quantity))


def confirm_summary(work: Work, request: Request) -> dict[str, Any]:
    """Keep that all before it was looked at, as it stands behind the lock."""
    flow = _open_one(work, request.sales_flow_id)
    lacks = rules.lacks_of(flow.steps, rules.BEFORE_SUMMARY)
    if lacks:
        raise Blocked("There is no summary yet: something is lacking.", lacks)
    return _save(work, flow.id, "summary", {"lacks": []})


def save_terms(work: Work, request: Request) -> dict[str, Any]:
    flow = _to_be_saved(work, request, "documents.read")
    with named_at("/agreement_id"):
        agreement = work.ask(agreements.get_agreement, agreement_id=request.agreement_id)
    step = rules.terms_step_of(agreement, flow.contact_id)
    rules.refuse_dead(agreement)
    return _save(work, flow.id, "terms", step)


def abandon_sales_flow(work: Work, request: Request) -> dict[str, Any]:
    flow = sales_flow(work.session, request.sales_flow_id, lock=True)
    if flow.state == "abandoned":
        return shown(flow)
    work.expect(flow.version)
    flow.refuse_unless_open()
    flow.state, flow.reason = "abandoned", request.reason or None
    flow.version += 1
    work.record(sales.sales_flow_abandoned, flow.contact_id, reason=flow.reason, **flow.told)
    return shown(flow)


def _save_answers(work: Work, request: Request, kind: str) -> dict[str, Any]:
    """Have documents keep the answers under an id of this flow's own, so that saving them again makes no others."""
    flow = _to_be_saved(work, request, "forms.fill")
    with named_at("/form_id"):
        form = work.ask(forms.get_form, form_id=request.form_id)
    rules.refuse_other_kind(form, kind)
    filled = work.ask(
        forms.put_filled_form,
        filled_form_id=rules.filled_form_id(flow.id, kind, form["id"]),
        contact_id=flow.contact_id,
        form_id=form["id"],
        answers=request.answers,
        draft=True,
        asked_by=work.asked_by,
    )
    return _save(work, flow.id, kind, rules.form_step_of(filled))


def _to_be_saved(work: Work, request: Request, permission: str) -> SalesFlow:
    """Look at the flow before others are asked; they answer us, so whether the actor may is seen to here."""
    work.actor.permit(permission)
    flow = sales_flow(work.reading, request.sales_flow_id)
    work.expect(flow.version)
    flow.refuse_unless_open()
    return flow


def _open_one(work: Work, sales_flow_id: str) -> SalesFlow:
    flow = sales_flow(work.session, sales_flow_id, lock=True)
    work.expect(flow.version)
    flow.refuse_unless_open()
    return flow


def _save(work: Work, sales_flow_id: str, step: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Save a step; the same again changes nothing and is not told."""
    flow = _open_one(work, sales_flow_id)
    before = flow.steps.get(step, {})
    if any(before.get(name, ...) != value for name, value in data.items()):
        flow.refusal = None
        _keep_step(work, flow, step, data)
    return shown(flow)


def _keep_step(work: Work, flow: SalesFlow, step: str, data: Mapping[str, Any]) -> None:
    saved = {**data, "saved_at": work.now.isoformat(), "saved_by": work.actor.name or None}
    flow.steps, flow.version = rules.with_step(flow.steps, step, saved), flow.version + 1
    work.record(sales.sales_flow_step_saved, flow.contact_id, step=step, **flow.told)
