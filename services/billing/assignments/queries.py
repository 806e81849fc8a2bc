"""What contacts have."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import page_of
from chassis.work import Work
from contracts.language import Request
from services.billing.assignments.model import Assignment


def list_assignments(work: Work, request: Request) -> dict[str, Any]:
    """The packages that a contact has or had, newest first."""
    found = select(Assignment).where(Assignment.contact_id == request.contact_id)
    return page_of(work, found, [Assignment.id.desc()], request)
