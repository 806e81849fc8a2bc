"""Ending sessions: refresh tokens are worthless at once, access tokens as soon as the gateway hears of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement

from contracts.contacts.revocations import team_session_ended
from services.contacts.team.model import SignedInSession
from services.contacts.tokens.actions import end_open


def end_sessions(work: Any, which: ColumnElement[bool], reason: str) -> None:
    """End those of the sessions that are open, and tell of each."""
    ended = end_open(work, SignedInSession, SignedInSession.team_member_id, which)
    told = [{"session_id": id_, "team_member_id": member_id, "reason": reason} for id_, member_id in ended]
    work.record_many(team_session_ended, [(None, one) for one in told])
