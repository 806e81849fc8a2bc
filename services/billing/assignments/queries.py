"""What contacts have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select

from chassis.pages import page_of
from chassis.work import Work
from contracts.language import Request
from services.billing.assignments.model import Assignment


def list_assignments(work: Work, request: Request) -> dict[str, Any]:
    """The packages that a contact has or had, newest first."""
    found = select(Assignment).where(Assignment.contact_id == request.contact_id)
    return page_of(work, found, [Assignment.id.desc()], request)


def has_begun(work: Work, order_id: str) -> bool:
    """Whether anything of an order has ever been had, also if it was taken back since."""
    had = Assignment.state.in_(("active", "ended", "reversed"))
    return bool(work.session.scalar(select(exists().where(Assignment.order_id == order_id, had))))
