"""Submitting a sales flow: looked at as it stands everywhere, closed once, and its order placed by a job.

The order has the flow's id for its key: whatever is killed in between, it is placed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists, select

from chassis.jobs import Job
from chassis.tables import jobs
from chassis.told import Told
from chassis.work import Work
from contracts.billing import orders, packages
from contracts.documents import agreements, forms
from contracts.errors import Blocked, Broken, Conflict, NotFound, Problem, Unavailable
from contracts.language import Request
from contracts.pipeline import sales
from services.acquaintance import known_contact
from services.pipeline.sales import rules
from services.pipeline.sales.model import SalesFlow
from services.pipeline.sales.queries import sales_flow, shown

ORDER = "order_of_sales_flow"
CLOSED = ("ordering", "submitted")


def submit_sales_flow(work: Work, request: Request) -> dict[str, Any]:
    """Close the flow if nothing is lacking; with a package, its order follows. Submitting again is harmless."""
    seen = sales_flow(work.reading, request.sales_flow_id)
    if seen.state in CLOSED:
        return shown(seen)
    work.expect(seen.version)
    seen.refuse_unless_open()
    steps = _as_they_stand(work, seen.steps, seen.contact_id)
    known_contact(work, seen.contact_id, active=True)  # may write who it is, and after that nobody is asked
    lacks = rules.lacks_of(steps)
    if lacks:
        raise Blocked("This sales flow cannot be submitted yet: something is lacking.", lacks)
    if not steps["package"]["skipped"]:
        work.actor.permit("billing.sell")
    flow = sales_flow(work.session, seen.id, lock=True)
    if flow.state in CLOSED:
        return shown(flow)
    flow.refuse_unless_open()
    if flow.version != seen.version:
        raise Conflict("A step was saved at this moment. Look at it, and submit again.")
    flow.steps, flow.submitted_at, flow.submitted_by = steps, work.now, work.actor.name or None
    flow.refusal = None
    if steps["package"]["skipped"]:
        _submitted(work, flow, None)
    else:
        _order(work, flow)
    return shown(flow)


def resume_orders(work: Work) -> None:
    """Begin anew where the job gave up because billing was away for long; the order's key keeps it one."""
    at_work = exists().where(jobs.c.id == SalesFlow.job_id, jobs.c.state.in_(("queued", "running")))
    stuck = select(SalesFlow).where(SalesFlow.state == "ordering", ~at_work).with_for_update(skip_locked=True)
    for flow in work.session.scalars(stuck.limit(100)):
        _order(work, flow)


def ask_for_order(work: Work, job: Job) -> Mapping[str, Any] | None:
    """Place the order, or say why it is refused; None where it was placed before."""
    flow = sales_flow(work.session, job.input["sales_flow_id"])
    if flow.state != "ordering":
        return None
    package = flow.steps["package"]
    items = [{name: package[name] for name in ("package_id", "package_version", "quantity")}]
    sold_by = {"sold_by": flow.submitted_by} if flow.submitted_by else {}
    try:
        return {"order": work.ask_once(flow.id, orders.place_order, contact_id=flow.contact_id, items=items, **sold_by)}
    except (Unavailable, Broken):  # it may stand all the same: the same is asked again
        raise
    except Problem as refusal:
        return {"refusal": refusal.detail, "lacks": rules.lacks_of_refusal(refusal.errors)}


def note_order(work: Work, job: Job, told: Mapping[str, Any] | None) -> None:
    """Keep what billing said; a refused flow is open again and says why."""
    job.finish()
    flow = sales_flow(work.session, job.input["sales_flow_id"], lock=True)
    if told is None or flow.state != "ordering":
        return
    if "order" in told:
        _submitted(work, flow, told["order"])
        return
    flow.state, flow.refusal = "open", told["refusal"]
    flow.steps = {**flow.steps, "package": {**flow.steps["package"], "lacks": told["lacks"]}}
    flow.submitted_at = flow.submitted_by = None
    flow.version += 1
    work.record(sales.sales_flow_refused, flow.contact_id, reason=flow.refusal, **flow.told)


def note_signature(work: Work, event: Told) -> None:
    """Keep that the terms of an open flow are signed, so that whoever reads it sees so."""
    terms = SalesFlow.steps["terms"]
    waiting = terms["agreement_id"].astext == event.data["agreement_id"], terms["state"].astext != "signed"
    of_contact = SalesFlow.contact_id == event.subject, SalesFlow.state == "open"
    for flow in work.session.scalars(select(SalesFlow).where(*of_contact, *waiting).with_for_update()):
        signed = {**flow.steps["terms"], "state": "signed", "lacks": []}
        flow.steps, flow.version = {**flow.steps, "terms": signed}, flow.version + 1


def _as_they_stand(work: Work, steps: Mapping[str, Any], contact_id: str) -> dict[str, Any]:
    """The steps with what the other services say of them at this moment, asked all at once."""
    asked = {name: question for name in rules.STEPS if (question := _question(name, steps.get(name))) is not None}
    now = dict(steps)
    for name, answer in zip(asked, work.ask_all(list(asked.values())) if asked else (), strict=True):
        if isinstance(answer, NotFound):
            now.pop(name)
            continue
        if isinstance(answer, Problem):
            raise answer
        now[name] = {**steps[name], **_looked_at(name, steps[name], answer, contact_id)}
        if now[name].get("answers_version") != steps[name].get("answers_version"):
            now.pop("summary", None)  # other answers were confirmed than stand there
    return now


def _question(name: str, step: Mapping[str, Any] | None) -> tuple[Any, dict[str, Any]] | None:
    if step is None:
        return None
    if name in ("questionnaire", "goal_plan"):
        return forms.get_filled_form, {"filled_form_id": step["filled_form_id"]}
    if name == "package" and not step["skipped"]:
        return packages.get_package, {"package_id": step["package_id"]}
    return (agreements.get_agreement, {"agreement_id": step["agreement_id"]}) if name == "terms" else None


def _looked_at(name: str, step: Mapping[str, Any], answer: Mapping[str, Any], contact_id: str) -> dict[str, Any]:
    if name == "package":
        return rules.package_step_now(step, answer)
    return rules.terms_step_of(answer, contact_id) if name == "terms" else rules.form_step_of(answer)


def _order(work: Work, flow: SalesFlow) -> None:
    flow.job_id = work.start_job(ORDER, {"sales_flow_id": flow.id})
    flow.state = "ordering"
    flow.version += 1


def _submitted(work: Work, flow: SalesFlow, order: Mapping[str, Any] | None) -> None:
    flow.state = "submitted"
    flow.order_id, flow.order_number = (order["id"], order["number"]) if order else (None, None)
    flow.version += 1
    told = {"order_id": flow.order_id, "order_number": flow.order_number, "package": flow.steps["package"]["name"]}
    work.record(sales.sales_flow_submitted, flow.contact_id, **told, **flow.told)
