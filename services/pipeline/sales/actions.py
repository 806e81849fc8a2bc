"""Going through a sales flow: begun, saved step by step, abandoned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from contracts.billing import packages
from contracts.contacts import people
from contracts.documents import agreements, forms
from contracts.errors import Blocked, Conflict, Invalid, named_at
from contracts.pipeline import sales
from services.pipeline.leads.actions import present_lead
from services.pipeline.sales import rules
from services.pipeline.sales.model import SalesFlow
from services.pipeline.sales.queries import sales_flow, shown
from services.pipeline.stages.model import Stage

UNDER_WAY = ("open", "ordering")


def begin_sales_flow(work: Any, request: Any) -> dict[str, Any]:
    """Begin for a lead; of two at once the second waits behind the lead's row and finds the first one's."""
    with named_at("/contact_id"):
        lead = present_lead(work, request.contact_id)
    if work.session.get(Stage, lead.stage_id).kind == "won":
        raise Conflict("This contact is a customer already. Sell at the point of sale.")
    under_way = select(SalesFlow.id).where(SalesFlow.contact_id == lead.contact_id, SalesFlow.state.in_(UNDER_WAY))
    found = work.session.scalar(under_way)
    if found is not None:
        raise Conflict("A sales flow is under way for this contact. Go on with it.", sales_flow_id=found)
    flow = SalesFlow(
        id=new_id(),
        contact_id=lead.contact_id,
        state="open",
        steps={},
        begun_at=work.now,
        begun_by=work.actor.name or None,
        version=1,
    )
    work.session.add(flow)
    work.record(sales.sales_flow_begun, flow.contact_id, **flow.told)
    return shown(flow)


def save_lead_data(work: Any, request: Any) -> dict[str, Any]:
    flow = _to_be_saved(work, request, "contacts.write")
    changes = {name: value for name, value in request.items() if name != "sales_flow_id"}
    if "assigned_to" in changes and changes["assigned_to"] is None:
        raise Invalid.field("/assigned_to", "A lead has somebody who takes care of it.")
    contact = work.ask(people.change_contact, contact_id=flow.contact_id, **rules.as_sent(changes))
    return _save(work, flow.id, "lead_data", rules.lead_data_of(contact))


def save_questionnaire(work: Any, request: Any) -> dict[str, Any]:
    return _save_answers(work, request, "questionnaire")


def save_goal_plan(work: Any, request: Any) -> dict[str, Any]:
    return _save_answers(work, request, "goal_plan")


def save_package(work: Any, request: Any) -> dict[str, Any]:
    if request.skipped == bool(request.package_id):
        raise Invalid.field("/package_id", "Name a package, or say that this is skipped.")
    flow = _to_be_saved(work, request, "pipeline.write" if request.skipped else "billing.sell")
    if request.skipped:
        return _save(work, flow.id, "package", rules.NO_PACKAGE)
    with named_at("/package_id"):
        package = work.ask(packages.get_package, package_id=request.package_id)
    return _save(work, flow.id, "package", rules.package_step_of(package, request.quantity))


def confirm_summary(work: Any, request: Any) -> dict[str, Any]:
    """Keep that all before it was looked at, as it stands behind the lock."""
    flow = _open_one(work, request.sales_flow_id)
    lacks = rules.lacks_of(flow.steps, rules.BEFORE_SUMMARY)
    if lacks:
        raise Blocked("There is no summary yet: something is lacking.", lacks)
    return _save(work, flow.id, "summary", {"lacks": []})


def save_terms(work: Any, request: Any) -> dict[str, Any]:
    flow = _to_be_saved(work, request, "documents.read")
    with named_at("/agreement_id"):
        agreement = work.ask(agreements.get_agreement, agreement_id=request.agreement_id)
    step = rules.terms_step_of(agreement, flow.contact_id)
    rules.refuse_dead(agreement)
    return _save(work, flow.id, "terms", step)


def abandon_sales_flow(work: Any, request: Any) -> dict[str, Any]:
    flow = sales_flow(work.session, request.sales_flow_id, lock=True)
    if flow.state == "abandoned":
        return shown(flow)
    work.expect(flow.version)
    flow.refuse_unless_open()
    flow.state, flow.reason = "abandoned", request.reason or None
    flow.version += 1
    work.record(sales.sales_flow_abandoned, flow.contact_id, reason=flow.reason, **flow.told)
    return shown(flow)


def _save_answers(work: Any, request: Any, kind: str) -> dict[str, Any]:
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
    )
    return _save(work, flow.id, kind, rules.form_step_of(filled))


def _to_be_saved(work: Any, request: Any, permission: str) -> SalesFlow:
    """Look at the flow before others are asked; they answer us, so whether the actor may is seen to here."""
    work.actor.permit(permission)
    flow = sales_flow(work.reading, request.sales_flow_id)
    work.expect(flow.version)
    flow.refuse_unless_open()
    return flow


def _open_one(work: Any, sales_flow_id: str) -> SalesFlow:
    flow = sales_flow(work.session, sales_flow_id, lock=True)
    work.expect(flow.version)
    flow.refuse_unless_open()
    return flow


def _save(work: Any, sales_flow_id: str, step: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Save a step; the same again changes nothing and is not told."""
    flow = _open_one(work, sales_flow_id)
    before = flow.steps.get(step, {})
    if all(before.get(name, ...) == value for name, value in data.items()):
        return shown(flow)
    saved = {**data, "saved_at": work.now.isoformat(), "saved_by": work.actor.name or None}
    flow.steps = rules.with_step(flow.steps, step, saved)
    flow.refusal = None
    flow.version += 1
    work.record(sales.sales_flow_step_saved, flow.contact_id, step=step, **flow.told)
    return shown(flow)
