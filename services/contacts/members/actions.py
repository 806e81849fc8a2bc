"""Codes are asked for and used; sessions are begun, renewed, ended and forgotten."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.codes import is_code
from chassis.config import settings
from chassis.ids import new_id
from contracts.contacts import members as published
from contracts.errors import NotSignedIn
from services.contacts.contact.actions import hold_contact, hold_contacts
from services.contacts.contact.model import Contact
from services.contacts.members.model import MemberCode, MemberSession
from services.contacts.members.queries import bearer_of, leads_may, shown
from services.contacts.members.rules import (
    CODE_LIVES,
    CODES,
    TRIES,
    WINDOW,
    address_key,
    counted_by,
    device_token,
    is_known,
    may_sign_in,
)
from services.contacts.people.model import Email
from services.contacts.tokens import actions as tokens
from services.contacts.tokens.rules import over


def ask_for_code(work: Any, request: Any) -> dict[str, Any]:
    """Note that a code is wanted; whose the address is, is found out when nobody waits for the answer any more."""
    code_id = new_id()
    if _is_new(work, _counted_by(request), code_id):
        work.record(published.member_code_asked, None, code_id=code_id)
    return {"received": True}


def sign_in(work: Any, request: Any) -> dict[str, Any]:
    """Begin a session. A try counts before the code is looked at, so that a thousand at once are still five."""
    address = address_key(request.email)
    code_id = _count_try(work, _counted_by(request))
    work.commit()  # the count stays, whatever comes of the try
    if code_id is None or not is_code(request.code, code_id, settings().secrets):
        raise _wrong()
    contact = _hold_bearer(work, address)
    if contact is None or not _use_up(work, code_id):
        raise _wrong()
    session, token = tokens.begin(work, MemberSession, contact_id=contact.id, opened_by=address)
    work.record(published.member_session_begun, contact.id, session_id=session.id)
    known = device_token(address, settings().secret)
    return tokens.shown(session, token, member=shown(contact), device_token=known)


def refresh_session(work: Any, request: Any) -> dict[str, Any]:
    """Renew the token of who may still sign in."""
    is_theirs = Contact.id == MemberSession.contact_id
    session, contact = tokens.hold(work, MemberSession, Contact, is_theirs, request.refresh_token)
    if not may_sign_in(contact, leads_may=leads_may(work)):
        raise over()
    token = tokens.renew(work, session, request.refresh_token, end_sessions)
    return tokens.shown(session, token, member=shown(contact))


def sign_out(work: Any, request: Any) -> dict[str, Any]:
    """End the session of the token, or of the one that was made of it; twice is harmless."""
    with suppress(NotSignedIn):
        end_sessions(work, tokens.of_token(MemberSession, request.refresh_token), "signed_out")
    return {}


def sign_out_contact(work: Any, request: Any) -> dict[str, Any]:
    """End all sessions of a contact, held: who signs in at this moment does before, or anew."""
    contact = hold_contact(work, request.contact_id)
    end_sessions(work, MemberSession.contact_id == contact.id, "signed_out_by_team")
    return {}


def end_sessions(work: Any, which: ColumnElement[bool], reason: str) -> None:
    """End those of the sessions that are open, and tell of each."""
    ended = tokens.end_open(work, MemberSession, MemberSession.contact_id, which)
    told = [(contact_id, {"session_id": id, "reason": reason}) for id, contact_id in ended]
    work.record_many(published.member_session_ended, told)


def end_with_addresses(work: Any, contact_ids: Collection[str]) -> None:
    """End the sessions of these, whose addresses were changed, that were opened by one that they have no more.

    One of which nobody knows by what it was opened (from before that was kept) ends with whatever change.
    """
    if contact_ids:
        theirs = select(Email.position).where(Email.contact_id == MemberSession.contact_id)
        opener = theirs.where(Email.normalised == MemberSession.opened_by).exists()
        end_sessions(work, and_(MemberSession.contact_id.in_(contact_ids), ~opener), "address_removed")


def forget_the_past(work: Any) -> None:
    """Drop codes and sessions that no longer matter."""
    work.session.execute(delete(MemberCode).where(MemberCode.last_sent_at < work.now - WINDOW - CODE_LIVES))
    tokens.forget_expired(work, MemberSession)


def _counted_by(request: Any) -> str:
    address = address_key(request.email)
    known = is_known(request.get("device_token", ""), address, settings().secrets)
    return counted_by(address, known=known)


def _is_new(work: Any, counted: str, code_id: str) -> bool:
    """Put the code in the place of the one before; not when there were enough for now."""
    stale = MemberCode.last_sent_at <= work.now - WINDOW
    fresh = {"code_id": code_id, "tries": 0, "expires_at": work.now + CODE_LIVES, "last_sent_at": work.now}
    asked = insert(MemberCode).values(counted_by=counted, **fresh, asked=1)
    again = asked.on_conflict_do_update(
        index_elements=[MemberCode.counted_by],
        set_={**fresh, "asked": case((stale, 1), else_=MemberCode.asked + 1)},
        where=or_(stale, MemberCode.asked < CODES),
    )
    return work.session.scalar(again.returning(MemberCode.code_id)) is not None


def _count_try(work: Any, counted: str) -> str | None:
    """The code that is good for the address now, if it was not tried too often."""
    good = (MemberCode.code_id.is_not(None), MemberCode.expires_at > work.now, MemberCode.tries < TRIES)
    tried = update(MemberCode).where(MemberCode.counted_by == counted, *good).values(tries=MemberCode.tries + 1)
    code_id: str | None = work.session.scalar(tried.returning(MemberCode.code_id))
    return code_id


def _use_up(work: Any, code_id: str) -> bool:
    """Whether it is we who use the code: of two at once, one does."""
    used = update(MemberCode).where(MemberCode.code_id == code_id).values(code_id=None)
    return bool(work.session.execute(used).rowcount)


def _hold_bearer(work: Any, address: str) -> Contact | None:
    """The contact who signs in, held: who is archived or loses the address now, does before or is signed out after."""
    bearer = bearer_of(work, address)
    contact = hold_contacts(work, [bearer.id]).get(bearer.id) if bearer else None
    if contact is None or not may_sign_in(contact, leads_may=leads_may(work, held=True)):
        return None
    bearer = bearer_of(work, address)  # before it was held, the address may have been taken off
    return contact if bearer and bearer.id == contact.id else None


def _wrong() -> NotSignedIn:
    return NotSignedIn("The code is wrong, was used or is over; ask for another one.")
