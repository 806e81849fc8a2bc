"""Sessions are begun, renewed, ended and forgotten; `kind` is the table of those that are meant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from chassis.config import settings
from chassis.ids import new_id
from services.contacts.tokens.rules import new_token, next_token, over, session_of, token_hash

SESSION_LIVES = dt.timedelta(days=30)
RESENT = dt.timedelta(seconds=10)


def begin(work: Any, kind: Any, **whose: Any) -> tuple[Any, str]:
    """A new session and its first refresh token."""
    session_id = new_id()
    token, kept = new_token(session_id)
    session = kind(id=session_id, token_hash=kept, expires_at=work.now + SESSION_LIVES, created_at=work.now, **whose)
    work.session.add(session)
    return session, token


def hold(work: Any, kind: Any, owner: Any, is_owners: ColumnElement[bool], token: str) -> tuple[Any, Any]:
    """The session of a refresh token, held, and whose it is; refuses what is over."""
    session_id, _ = session_of(token)
    held = select(kind, owner).join(owner, is_owners).where(kind.id == session_id).with_for_update(of=kind)
    found = work.session.execute(held).one_or_none()
    if found is None or found[0].is_over(work.now):
        raise over()
    return found[0], found[1]


def renew(work: Any, session: Any, token: str, end: Callable[[Any, ColumnElement[bool], str], None]) -> str:
    """Renew the token, which is good once: one that comes again was copied, and ends the session for both.

    The last one that was renewed may come again for a few seconds and gets the same answer, which was perhaps lost on
    its way: a thief who is as fast gets no more than the owner has, and the first to use it leaves the other one out.
    """
    _, secret = session_of(token)
    following = [next_token(session.id, secret, each) for each in settings().secrets]
    for again, kept in following:
        if _is_resent(session, token_hash(secret), kept, work.now):
            return again
    if session.token_hash != token_hash(secret):
        end(work, type(session).id == session.id, "token_reused")
        work.commit()  # the end of the session outlives the refusal
        raise over()
    renewed, kept = following[0]
    session.token_hash_before, session.token_hash = session.token_hash, kept
    session.renewed_at, session.expires_at = work.now, work.now + SESSION_LIVES
    return renewed


def of_token(kind: Any, token: str) -> ColumnElement[bool]:
    """Which session the token is of, or the one that was made of it; refuses what cannot be one."""
    session_id, secret = session_of(token)
    known = token_hash(secret)
    return and_(kind.id == session_id, or_(kind.token_hash == known, kind.token_hash_before == known))


def end_open(work: Any, kind: Any, whose: Any, which: ColumnElement[bool]) -> list[tuple[str, str]]:
    """End those that are open, and give the id of each with that of whose it was; ending twice is harmless."""
    ending = update(kind).where(which, kind.ended_at.is_(None)).values(ended_at=work.now)
    return list(work.session.execute(ending.returning(kind.id, whose)).tuples())


def shown(session: Any, token: str, **whose: Any) -> dict[str, Any]:
    """What is answered of a session: the door-keeper makes an access token of it."""
    lives = {"refresh_token": token, "refresh_expires_at": session.expires_at}
    return {"session_id": session.id, **lives, **whose}


def forget_expired(work: Any, kind: Any) -> None:
    """Drop sessions that no longer matter."""
    work.session.execute(delete(kind).where(kind.expires_at < work.now - SESSION_LIVES))


def _is_resent(session: Any, shown: str, kept: str, now: dt.datetime) -> bool:
    if session.renewed_at is None or session.renewed_at <= now - RESENT:
        return False
    return (session.token_hash_before, session.token_hash) == (shown, kept)
