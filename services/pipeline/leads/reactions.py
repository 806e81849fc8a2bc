"""Following what contacts says of each contact, and what that moves on the board."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update

from chassis.rows import moments_of
from services import acquaintance
from services.pipeline.leads.following import learn
from services.pipeline.leads.model import Lead
from services.pipeline.leads.tidings import told_by_event


def follow_contacts(work: Any, events: Iterable[Any]) -> None:
    """Remember the contacts and move their leads in one transaction, so that no card stands without its name."""
    events = list(events)
    acquaintance.remember(work, events)
    learn(work, [told_by_event(event) for event in events])


def note_touches(work: Any, events: Iterable[Any]) -> None:
    """Note when somebody last did something with each lead, or the lead did."""
    latest: dict[str, dt.datetime] = {}
    for event in events:
        if event.subject:
            latest[event.subject] = max(event.time, latest.get(event.subject, event.time))
    if not latest:
        return
    touches = moments_of(latest)
    held = (
        select(Lead.contact_id, touches.c.at)
        .join(touches, touches.c.contact_id == Lead.contact_id)
        .where(Lead.touched_at < touches.c.at)
        .order_by(Lead.contact_id)
        .with_for_update(of=Lead)
        .cte("held")
    )
    touched = update(Lead).where(Lead.contact_id == held.c.contact_id).values(touched_at=held.c.at)
    work.session.execute(touched.execution_options(synchronize_session=False))
