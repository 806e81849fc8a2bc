"""Reading sales flows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.pages import keys_for, narrowed, page_of
from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from contracts.pipeline.sales import STEPS
from services.pipeline.sales.model import SalesFlow
from services.pipeline.sales.rules import lacks_of, next_step

_COLUMNS = (
    "id", "contact_id", "state", "refusal", "order_id", "order_number", "begun_at", "begun_by", "submitted_at",
    "submitted_by", "reason", "version",
)  # fmt: skip


def get_sales_flow(work: Work, request: Request) -> dict[str, Any]:
    """A sales flow as it was saved last."""
    return shown(sales_flow(work.session, request.sales_flow_id))


def list_sales_flows(work: Work, request: Request) -> dict[str, Any]:
    wanted = narrowed(select(SalesFlow), request, SalesFlow.contact_id, SalesFlow.state)
    page = page_of(work, wanted, keys_for(request.sort, oldest=[SalesFlow.id]), request)
    return page | {"items": [shown(flow) for flow in page["items"]]}


def sales_flow(session: Session, sales_flow_id: str, *, lock: bool = False) -> SalesFlow:
    """The flow, or NotFound."""
    flow = session.get(SalesFlow, sales_flow_id, with_for_update=lock or None)
    if flow is None:
        raise NotFound("There is no such sales flow.")
    return flow


def shown(flow: SalesFlow) -> dict[str, Any]:
    """A flow with what it lacks, which is nothing once it is submitted."""
    lacks = lacks_of(flow.steps) if flow.state == "open" else []
    return {name: getattr(flow, name) for name in _COLUMNS} | {
        "steps": {name: flow.steps.get(name) for name in STEPS},
        "lacks": lacks,
        "next_step": next_step(lacks),
    }
