"""Signing in, staying signed in, and signing out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from chassis.cpu import in_thread
from chassis.ids import new_id
from contracts.errors import NotSignedIn, Throttled
from services.contacts.team.model import SignedInSession, SignInTries, TeamMember
from services.contacts.team.rules import NOBODYS_HASH, address_key, is_password, new_token, session_of, token_hash

TRIES = 20
WINDOW = dt.timedelta(minutes=15)
SESSION_LIVES = dt.timedelta(days=30)


def sign_in(work: Any, request: Any) -> dict[str, Any]:
    """Begin a session. A try counts before the password is looked at, so that a thousand at once are still twenty."""
    address = address_key(request.email)
    _count_try(work, address)
    work.commit()  # the count stays whatever comes of the try, and no lock is held while the password is hashed
    member = work.reading.scalar(select(TeamMember).where(TeamMember.normalised_email == address, TeamMember.active))
    right = in_thread(is_password, request.password, member.password_hash if member else NOBODYS_HASH)
    if member is None or not right:
        raise NotSignedIn("The e-mail address or the password is wrong.")
    work.session.execute(delete(SignInTries).where(SignInTries.normalised_email == address))
    session_id = new_id()
    token, kept = new_token(session_id)
    session = SignedInSession(
        id=session_id,
        team_member_id=member.id,
        token_hash=kept,
        expires_at=work.now + SESSION_LIVES,
        created_at=work.now,
    )
    work.session.add(session)
    return _answer(session, member, token)


def refresh_session(work: Any, request: Any) -> dict[str, Any]:
    """Renew the token, which is good once: one that comes again was copied, and ends the session for both."""
    session_id, secret = session_of(request.refresh_token)
    held = select(SignedInSession, TeamMember).join(TeamMember, TeamMember.id == SignedInSession.team_member_id)
    found = work.session.execute(
        held.where(SignedInSession.id == session_id).with_for_update(of=SignedInSession)
    ).one_or_none()
    if found is None:
        raise _over()
    session, member = found
    if session.ended_at or session.expires_at <= work.now or not member.active:
        raise _over()
    if session.token_hash != token_hash(secret):
        session.ended_at = work.now
        work.commit()  # the end of the session outlives the refusal
        raise _over()
    token, session.token_hash = new_token(session.id)
    session.expires_at = work.now + SESSION_LIVES
    return _answer(session, member, token)


def sign_out(work: Any, request: Any) -> dict[str, Any]:
    """End the session of the token; twice is harmless."""
    try:
        session_id, secret = session_of(request.refresh_token)
    except NotSignedIn:
        return {}
    work.session.execute(
        update(SignedInSession)
        .where(
            SignedInSession.id == session_id,
            SignedInSession.token_hash == token_hash(secret),
            SignedInSession.ended_at.is_(None),
        )
        .values(ended_at=work.now)
    )
    return {}


def forget_the_past(work: Any) -> None:
    """Drop counts and sessions that no longer matter."""
    work.session.execute(delete(SignInTries).where(SignInTries.since < work.now - WINDOW))
    work.session.execute(delete(SignedInSession).where(SignedInSession.expires_at < work.now - SESSION_LIVES))


def _count_try(work: Any, address: str) -> None:
    stale = SignInTries.since < work.now - WINDOW
    counted = (
        insert(SignInTries)
        .values(normalised_email=address, tries=1, since=work.now)
        .on_conflict_do_update(
            index_elements=[SignInTries.normalised_email],
            set_={
                "tries": case((stale, 1), else_=SignInTries.tries + 1),
                "since": case((stale, work.now), else_=SignInTries.since),
            },
        )
        .returning(SignInTries.tries, SignInTries.since)
    )
    tries, since = work.session.execute(counted).one()
    if tries > TRIES:
        seconds = (since + WINDOW - work.now).total_seconds()
        raise Throttled("Too many tries with this address.", retry_after=max(1, round(seconds)))


def _over() -> NotSignedIn:
    return NotSignedIn("This session is over; sign in again.")


def _answer(session: SignedInSession, member: TeamMember, token: str) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "team_member": member,
        "refresh_token": token,
        "refresh_expires_at": session.expires_at,
    }
