"""Codes are sent behind the door; sessions end with the right to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.rows import one_of
from contracts.contacts.members import member_code_send_asked
from services.contacts.contact.actions import hold_contacts
from services.contacts.contact.model import Contact
from services.contacts.members.actions import end_sessions
from services.contacts.members.model import MemberCode, MemberSession
from services.contacts.members.queries import bearer_of, leads_may
from services.contacts.members.rules import address_counted, may_sign_in

CLOSE = "end_sessions_of_leads"
SESSIONS_A_STEP = 500


def send_code(work: Any, event: Any) -> None:
    """Have the code sent to whose address it is, if they may sign in; not when another was asked for meanwhile."""
    work.by_itself()
    code = work.session.scalar(select(MemberCode).where(MemberCode.code_id == event.data.code_id))
    bearer = bearer_of(work, address_counted(code.counted_by)) if code else None
    if code is None or bearer is None:
        return
    told = {"code_id": code.code_id, "email": bearer.email, "expires_at": code.expires_at}
    work.record(member_code_send_asked, bearer.id, **told, display_name=bearer.display_name)


def end_with_custom(work: Any, events: Sequence[Any]) -> None:
    """Sign out who is no customer any more, unless leads may sign in; what they are now counts."""
    gone = {event.subject for event in events if event.data.after != "customer"}
    signed_in = select(MemberSession.contact_id).where(
        one_of(MemberSession.contact_id, gone), MemberSession.ended_at.is_(None)
    )
    _end_of_barred(work, work.session.scalars(signed_in).all() if gone else [], "no_customer")


def close_to_leads(work: Any, event: Any) -> None:
    """Sign out leads and former customers, as a job, when they may sign in no more."""
    change = event.data.changes.get("leads_may_sign_in")
    if change and not change["after"]:
        work.start_job(CLOSE, {})


def end_next_sessions(work: Any, job: Any) -> None:
    """Sign the next of them out; who became a customer meanwhile stays, and all do if leads may again."""
    wanted = (
        select(MemberSession.id, MemberSession.contact_id)
        .join(Contact, Contact.id == MemberSession.contact_id)
        .where(MemberSession.ended_at.is_(None), Contact.lifecycle != "customer")
        .order_by(MemberSession.id)
        .limit(SESSIONS_A_STEP)
    )
    if after := job.checkpoint.get("after"):
        wanted = wanted.where(MemberSession.id > after)
    found = work.session.execute(wanted).all()
    _end_of_barred(work, [one.contact_id for one in found], "closed_to_leads")
    if len(found) < SESSIONS_A_STEP:
        job.finish()
    else:
        job.checkpoint = {"after": found[-1].id}


def _end_of_barred(work: Any, contact_ids: Sequence[str], reason: str) -> None:
    if contact_ids:
        held, allowed = hold_contacts(work, contact_ids), leads_may(work)
        barred = [id for id, contact in held.items() if not may_sign_in(contact, leads_may=allowed)]
        end_sessions(work, MemberSession.contact_id.in_(barred), reason)
