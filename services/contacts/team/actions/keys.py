"""Keys for other systems are made, used, renamed and revoked; none is ever deleted."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts import api_keys as published
from contracts.errors import Conflict, Forbidden, Invalid, NotSignedIn
from services.contacts.team.model import ApiKey
from services.contacts.team.queries import key_of
from services.contacts.team.rules import new_api_key
from services.contacts.tokens.rules import is_token


def make_api_key(work: Any, request: Any) -> dict[str, Any]:
    """Make a key that may no more than who makes it."""
    beyond = [
        {"pointer": f"/scopes/{place}", "detail": "You may not do that yourself."}
        for place, scope in enumerate(request.scopes)
        if not work.actor.may(scope)
    ]
    if beyond:
        raise Forbidden("A key may no more than who makes it.", beyond)
    if request.expires_at and request.expires_at <= work.now:
        raise Invalid.field("/expires_at", "Is over already.")
    key_id = new_id()
    key, kept = new_api_key(key_id)
    row = ApiKey(
        id=key_id,
        name=request.name,
        scopes=sorted(set(request.scopes)),
        secret_hash=kept,
        made_at=work.now,
        made_by=work.actor.id,
        expires_at=request.expires_at,
        version=1,
    )
    work.session.add(row)
    work.session.flush()
    work.record(published.api_key_made, None, **_told(row))
    return {**{name: getattr(row, name) for name in published.ApiKey().fields}, "key": key}


def use_api_key(work: Any, request: Any) -> ApiKey:
    """Tell what a key may, and note that it was used."""
    held = select(ApiKey).where(ApiKey.id == request.api_key_id).with_for_update()
    key = work.session.scalar(held)
    good = key is not None and key.is_good(work.now) and is_token(request.secret_hash, key.secret_hash)
    if key is None or not good:
        raise NotSignedIn("The API key is not valid.")
    key.last_used_at = work.now
    return key


def change_api_key(work: Any, request: Any) -> ApiKey:
    """Call it otherwise."""
    key = key_of(work, request.api_key_id, lock=True)
    work.expect(key.version)
    if key.revoked_at is not None:
        raise Conflict("The key is revoked, and keeps the name that it had.")
    changes = set_on(key, {"name": request.name} if "name" in request else {})
    if changes:
        key.version += 1
        work.record(published.api_key_changed, None, **_told(key), changes=changes)
    return key


def revoke_api_key(work: Any, request: Any) -> ApiKey:
    """Let nobody in by it any more."""
    key = key_of(work, request.api_key_id, lock=True)
    if key.revoked_at is None:
        work.expect(key.version)
        key.revoked_at = work.now
        key.version += 1
        work.record(published.api_key_revoked, None, **_told(key))
    return key


def _told(key: ApiKey) -> dict[str, Any]:
    return {"api_key_id": key.id, "name": key.name, "scopes": key.scopes, "version": key.version}
