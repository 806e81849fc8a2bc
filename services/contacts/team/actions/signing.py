"""Signing in, staying signed in, and signing out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import and_, case, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from chassis.config import settings
from chassis.cpu import in_thread
from chassis.ids import new_id
from contracts.errors import NotSignedIn, Throttled
from services.contacts.team.actions.ending import end_sessions
from services.contacts.team.model import SignedInSession, SignInTries, TeamMember
from services.contacts.team.rules import (
    NOBODYS_HASH,
    address_key,
    is_password,
    new_token,
    next_token,
    session_of,
    token_hash,
)  # fmt: skip

TRIES = 20
WINDOW = dt.timedelta(minutes=15)
SESSION_LIVES = dt.timedelta(days=30)
RESENT = dt.timedelta(seconds=10)


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
    """Renew the token, which is good once: one that comes again was copied, and ends the session for both.

    The last one that was renewed may come again for a few seconds and gets the same answer, which was perhaps lost on
    its way: a thief who is as fast gets no more than the owner has, and the first to use it leaves the other one out.
    """
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
    following = [next_token(session.id, secret, each) for each in settings().secrets]
    for token, kept in following:
        if _is_resent(session, token_hash(secret), kept, work.now):
            return _answer(session, member, token)
    if session.token_hash != token_hash(secret):
        end_sessions(work, SignedInSession.id == session.id, "token_reused")
        work.commit()  # the end of the session outlives the refusal
        raise _over()
    token, kept = following[0]
    session.token_hash_before, session.token_hash = session.token_hash, kept
    session.renewed_at, session.expires_at = work.now, work.now + SESSION_LIVES
    return _answer(session, member, token)


def sign_out(work: Any, request: Any) -> dict[str, Any]:
    """End the session of the token, or of the one that was made of it; twice is harmless."""
    try:
        session_id, secret = session_of(request.refresh_token)
    except NotSignedIn:
        return {}
    known = token_hash(secret)
    theirs = or_(SignedInSession.token_hash == known, SignedInSession.token_hash_before == known)
    end_sessions(work, and_(SignedInSession.id == session_id, theirs), "signed_out")
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


def _is_resent(session: SignedInSession, shown: str, kept: str, now: dt.datetime) -> bool:
    if session.renewed_at is None or session.renewed_at <= now - RESENT:
        return False
    return (session.token_hash_before, session.token_hash) == (shown, kept)


def _over() -> NotSignedIn:
    return NotSignedIn("This session is over; sign in again.")


def _answer(session: SignedInSession, member: TeamMember, token: str) -> dict[str, Any]:
    return {
        "session_id": session.id,
        "team_member": member,
        "refresh_token": token,
        "refresh_expires_at": session.expires_at,
    }
