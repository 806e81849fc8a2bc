"""What can be asked of follow-ups."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Select, and_, not_, select

from chassis.pages import keys_for, narrowed, page_of
from contracts.errors import NotFound
from services.acquaintance import known_contact, known_contacts
from services.pipeline.followups.model import FollowUp

_NAMED = known_contacts.c.display_name


def get_follow_up(work: Any, request: Any) -> dict[str, Any]:
    row = work.session.execute(_follow_ups().where(FollowUp.id == request.follow_up_id)).first()
    if row is None:
        raise NotFound("There is no such follow-up.")
    return shown(row[0], row[1], work.now)


def list_follow_ups(work: Any, request: Any) -> dict[str, Any]:
    wanted = narrowed(
        _follow_ups(), request, FollowUp.contact_id, FollowUp.assigned_to, FollowUp.state, FollowUp.channel
    )
    if request.due_before:
        wanted = wanted.where(FollowUp.due_at < request.due_before)
    if request.overdue is not None:
        overdue = and_(FollowUp.state == "open", FollowUp.due_at <= work.now)
        wanted = wanted.where(overdue if request.overdue else not_(overdue))
    return _page(work, wanted, request)


def list_follow_ups_of_lead(work: Any, request: Any) -> dict[str, Any]:
    page = _page(work, narrowed(_follow_ups(), request, FollowUp.contact_id, FollowUp.state), request)
    if not page["items"] and not request.cursor:
        known_contact(work, request.contact_id)  # nothing to do, or nobody there
    return page


def _page(work: Any, wanted: Select[Any], request: Any) -> dict[str, Any]:
    page = page_of(work, wanted, keys_for(request.sort, due=[FollowUp.due_at, FollowUp.id]), request)
    return page | {"items": [shown(row[0], row[1], work.now) for row in page["items"]]}


def shown(follow_up: FollowUp, display_name: str | None, now: dt.datetime) -> dict[str, Any]:
    """A follow-up as everybody sees it."""
    columns = {column.key: getattr(follow_up, column.key) for column in FollowUp.__table__.c}
    overdue = follow_up.state == "open" and follow_up.due_at <= now
    return columns | {"display_name": display_name or "", "overdue": overdue}


def _follow_ups() -> Select[Any]:
    named = known_contacts.c.contact_id == FollowUp.contact_id
    return select(FollowUp, _NAMED).outerjoin(known_contacts, named)
