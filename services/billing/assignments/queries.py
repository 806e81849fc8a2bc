"""What contacts have."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from sqlalchemy import exists, select

from chassis.pages import keys_for, page_of
from chassis.work import Work
from contracts.language import Request
from services.billing.assignments.model import Assignment


def list_assignments(work: Work, request: Request) -> dict[str, Any]:
    """The packages that a contact has or had, newest first."""
    found = select(Assignment).where(Assignment.contact_id == request.contact_id)
    return page_of(work, found, keys_for(request.sort, oldest=[Assignment.id]), request)


def had_before(work: Work, contact_id: str, packages: Set[str]) -> set[str]:
    """Which of these packages a contact has, had, or is to have once it is paid."""
    had = select(Assignment.package_id).where(Assignment.contact_id == contact_id, Assignment.state != "cancelled")
    return set(work.session.scalars(had.where(Assignment.package_id.in_(packages))))


def has_begun(work: Work, order_id: str) -> bool:
    """Whether anything of an order has ever been had, also if it was taken back since."""
    had = Assignment.state.in_(("active", "ended", "reversed"))
    return bool(work.session.scalar(select(exists().where(Assignment.order_id == order_id, had))))
