"""Who works here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, or_, select

from chassis.pages import keys_for, narrowed, page_of
from contracts.access import ROLES
from contracts.contacts.team import TEAM_ROLES
from contracts.errors import NotFound
from services.contacts.team.model import ApiKey, SignedInSession, TeamMember
from services.contacts.team.rules import address_key


def active_members(work: Any, ids: Iterable[str]) -> set[str]:
    """Those of the ids that belong to somebody who works here now."""
    wanted = set(ids)
    if not wanted:
        return set()
    return set(work.session.scalars(select(TeamMember.id).where(TeamMember.id.in_(wanted), TeamMember.active)))


def get_me(work: Any, _request: Any) -> dict[str, Any]:
    """Who asks, and what they may do; an actor without an account is not found."""
    member = work.session.get(TeamMember, work.actor.id) if work.actor.role in TEAM_ROLES else None
    if member is None:
        raise NotFound("There is no account of yours.")
    return {**shown(member), "permissions": sorted(ROLES[member.role])}


def list_revocations(work: Any, request: Any) -> dict[str, Any]:
    """Sessions that ended, keys that were revoked and accounts that changed in the last so many seconds."""
    since = work.now - dt.timedelta(seconds=request.seconds)
    changed = work.session.scalars(select(TeamMember).where(TeamMember.changed_at > since)).all()
    ended = work.session.scalars(select(SignedInSession.id).where(SignedInSession.ended_at > since)).all()
    revoked = work.session.scalars(select(ApiKey.id).where(ApiKey.revoked_at > since)).all()
    return {
        "ended_sessions": ended,
        "revoked_api_keys": revoked,
        "changed_members": [{**shown(member), "team_member_id": member.id} for member in changed],
    }


def list_team(work: Any, request: Any) -> dict[str, Any]:
    """Answer a page of accounts."""
    statement = narrowed(select(TeamMember), request, TeamMember.active, TeamMember.role)
    if request.q:
        by_name = TeamMember.name.icontains(request.q, autoescape=True)
        by_address = TeamMember.normalised_email.contains(address_key(request.q), autoescape=True)
        statement = statement.where(or_(by_name, by_address))
    keys = keys_for(request.sort, oldest=[TeamMember.id], name=[func.lower(TeamMember.name), TeamMember.id])
    return page_of(work, statement, keys, request)


def get_team_member(work: Any, request: Any) -> TeamMember:
    """Answer one account, also of who left."""
    member = work.session.get(TeamMember, request.team_member_id)
    if member is None:
        raise NotFound("There is no team member of this id.")
    return member


def list_api_keys(work: Any, request: Any) -> dict[str, Any]:
    """Answer a page of keys."""
    statement = narrowed(select(ApiKey), request, ApiKey.made_by_left)
    if "active" in request:
        good = ApiKey.revoked_at.is_(None) & (ApiKey.expires_at.is_(None) | (ApiKey.expires_at > work.now))
        statement = statement.where(good if request.active else ~good)
    keys = keys_for(request.sort, oldest=[ApiKey.id], name=[func.lower(ApiKey.name), ApiKey.id])
    return page_of(work, statement, keys, request)


def get_api_key(work: Any, request: Any) -> ApiKey:
    """Answer what is known of one key, also of a revoked one."""
    return key_of(work, request.api_key_id)


def key_of(work: Any, key_id: str, *, lock: bool = False) -> ApiKey:
    """Give a key, held until the transaction ends if it is to be changed."""
    key = work.session.get(ApiKey, key_id, with_for_update=lock)
    if key is None:
        raise NotFound("There is no API key of this id.")
    return key


def shown(member: TeamMember) -> dict[str, Any]:
    return {
        "id": member.id,
        "name": member.name,
        "email": member.email,
        "role": member.role,
        "active": member.active,
        "version": member.version,
        "created_at": member.created_at,
    }
