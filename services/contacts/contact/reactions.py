"""Billing says who paid for what, bookings say who came; here it becomes a lifecycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import exists, or_, select

from chassis.rows import update_rows
from contracts.billing.orders import package_ended, package_paid
from contracts.billing.sharing import shared_membership_joined
from services.contacts.contact.actions import hold_contacts, hold_survivor
from services.contacts.contact.judging import judge_lifecycles
from services.contacts.contact.model import Contact, CustomerGround
from services.contacts.contact.rules import (
    SHARED_MEMBERSHIP,
    Booked,
    Ground,
    with_booking,
    with_end,
    with_payment,
    with_reversal,
)

CONTACTS_A_STEP = 500


def weigh_package(work: Any, event: Any) -> None:
    """Note that a package was paid, came to its end, or was reversed as if it never was, and judge the lifecycle anew.

    What billing said last counts, by its own order, in whatever order it arrives here.
    """
    _weigh(work, event, event.data.assignment_id, _noted)


def weigh_shared_membership(work: Any, event: Any) -> None:
    """Note that a contact uses what somebody else pays for, or does so no longer, and judge their lifecycle anew."""
    _weigh(work, event, event.data.seat_id, _noted_of_seat)


def _weigh(work: Any, event: Any, ground_id: str, noted: Callable[[Ground | None, Any], Ground]) -> None:
    contact = hold_survivor(work, event.subject)
    row = work.session.get(CustomerGround, ground_id)
    ground = noted(None if row is None else Ground(*(getattr(row, name) for name in Ground._fields)), event)
    if row is None:
        row = CustomerGround(assignment_id=ground_id, contact_id=contact.id)
        work.session.add(row)
    for name, value in ground._asdict().items():
        setattr(row, name, value)
    work.session.flush()
    judge_lifecycles(work, [contact])


def weigh_bookings(work: Any, events: Sequence[Any]) -> None:
    """Note since when each of these contacts has booked, and judge anew whose answer to that is another."""
    held = hold_contacts(work, {event.subject for event in events})
    before = {id: Booked(contact.first_booked_at, contact.booked_position) for id, contact in held.items()}
    after, moved = dict(before), {}
    for event in events:
        if known := after.get(event.subject):
            since = _booked_since(event, known)
            after[event.subject] = with_booking(known, since=since, position=event.sequence)
            if after[event.subject].since != known.since:
                moved[event.subject] = event
    news = {id: booked for id, booked in after.items() if booked != before[id]}
    rows = [{"id": id, "first_booked_at": now.since, "booked_position": now.position} for id, now in news.items()]
    update_rows(work.session, Contact.__table__, rows)
    others = [id for id, booked in news.items() if booked.since != before[id].since]
    if others:
        work.because_of_each({id: moved[id] for id in others})
        judge_lifecycles(work, list(hold_contacts(work, others).values()))


def _booked_since(event: Any, known: Booked) -> dt.datetime | None:
    """As the event says; what was told before it could say so tells no more than when the first booking begins."""
    if "booked_since" in event.data or event.data.first_booking_at is None:
        return event.data.booked_since
    return min(event.data.first_booking_at, event.time, known.since or event.time)


def follow_policy(work: Any, event: Any) -> None:
    """Judge everybody anew, as a job, when what makes a customer is another now."""
    if "lifecycle_policy" in event.data.changes:
        work.start_job("judge_lifecycles", {"policy": event.data.changes["lifecycle_policy"]["after"]})


def judge_next_contacts(work: Any, job: Any) -> None:
    """Judge the next contacts whom the policy can concern: who has bought, has booked, or was to be a customer."""
    bought = exists().where(CustomerGround.contact_id == Contact.id)
    concerned = or_(bought, Contact.first_booked_at.is_not(None), Contact.entered_as == "customer")
    wanted = select(Contact.id).where(concerned, Contact.merged_into.is_(None)).order_by(Contact.id)
    if after := job.checkpoint.get("after"):
        wanted = wanted.where(Contact.id > after)
    ids = work.session.scalars(wanted.limit(CONTACTS_A_STEP)).all()
    changed = judge_lifecycles(work, list(hold_contacts(work, ids).values()))
    done = {name: job.progress.get(name, 0) for name in ("done", "changed")}
    job.progress = {"done": done["done"] + len(ids), "changed": done["changed"] + changed}
    if len(ids) < CONTACTS_A_STEP:
        job.finish(**job.progress)
    else:
        job.checkpoint = {"after": ids[-1]}


def _noted(known: Ground | None, event: Any) -> Ground:
    told = event.data
    if event.type == package_paid.type:
        since = _moment_of(told.since, event.time)
        return with_payment(known, name=told.name, kind=told.kind, since=since, position=event.sequence)
    if event.type == package_ended.type:
        return with_end(known, name=told.name, ended_at=told.ended_at, position=event.sequence)
    return with_reversal(known, name=told.name, reason=told.reason, position=event.sequence)


def _noted_of_seat(known: Ground | None, event: Any) -> Ground:
    told = event.data
    if event.type == shared_membership_joined.type:
        return with_payment(
            known, name=told.name, kind=SHARED_MEMBERSHIP, since=event.time, position=event.sequence
        )  # fmt: skip
    if told.reversed:
        return with_reversal(known, name=told.name, reason=told.reason, position=event.sequence)
    return with_end(known, name=told.name, ended_at=told.ended_at, position=event.sequence)


def _moment_of(day: dt.date, told: dt.datetime) -> dt.datetime:
    """The moment of telling where it was paid that day, else the beginning of the day."""
    return told if told.date() == day else dt.datetime.combine(day, dt.time(), dt.UTC)
