"""Signing in, staying signed in, and signing out."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import Any

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert

from chassis.cpu import in_thread
from contracts.errors import NotSignedIn, Throttled
from services.contacts.team.actions.ending import end_sessions
from services.contacts.team.model import SignedInSession, SignInTries, TeamMember
from services.contacts.team.rules import NOBODYS_HASH, address_key, is_password
from services.contacts.tokens import actions as tokens
from services.contacts.tokens.rules import over

TRIES = 20
WINDOW = dt.timedelta(minutes=15)


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
    session, token = tokens.begin(work, SignedInSession, team_member_id=member.id)
    return tokens.shown(session, token, team_member=member)


def refresh_session(work: Any, request: Any) -> dict[str, Any]:
    """Renew the token of who works here still."""
    is_theirs = TeamMember.id == SignedInSession.team_member_id
    session, member = tokens.hold(work, SignedInSession, TeamMember, is_theirs, request.refresh_token)
    if not member.active:
        raise over()
    token = tokens.renew(work, session, request.refresh_token, end_sessions)
    return tokens.shown(session, token, team_member=member)


def sign_out(work: Any, request: Any) -> dict[str, Any]:
    """End the session of the token, or of the one that was made of it; twice is harmless."""
    with suppress(NotSignedIn):
        end_sessions(work, tokens.of_token(SignedInSession, request.refresh_token), "signed_out")
    return {}


def forget_the_past(work: Any) -> None:
    """Drop counts and sessions that no longer matter."""
    work.session.execute(delete(SignInTries).where(SignInTries.since < work.now - WINDOW))
    tokens.forget_expired(work, SignedInSession)


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
