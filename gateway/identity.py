"""Who asks: the public token at the door, and the token that the services are shown instead."""

from __future__ import annotations

import datetime as dt
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from flask import current_app, g, request
from flask_limiter.util import get_remote_address

from chassis.actor import FOR_GATEWAY, FOR_SERVICES, NOBODY, Actor, Doorman, sign
from contracts.access import API
from contracts.errors import NotSignedIn
from contracts.language import PUBLIC
from gateway.keys import Keys, is_key
from gateway.notices import Notices

ACCESS_LIVES = 15 * 60
BADGE_LIVES = 2 * 60
REMEMBERED = 5000


@dataclass
class Reception:
    """Knows the tokens of this worker's last few thousand visitors, so that each is verified and signed once."""

    secret: str
    accepted: tuple[str, ...] = ()
    """Secrets that are believed as well, while ours is changed."""
    doorman: Doorman = field(init=False)
    badges: OrderedDict[tuple[str, str | None, str], tuple[str, float]] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.doorman = Doorman(self.secret, FOR_GATEWAY, REMEMBERED, self.accepted)

    def badge_of(self, token: str, actor: Actor) -> str:
        """The services' token of an access token's bearer: for some minutes, and no longer than the access token.

        Services ask nobody whether it was revoked: it never leaves the house (decision 0605).
        """
        key = (token, actor.role, actor.name)
        badge, until = self.badges.get(key, ("", 0.0))
        if not badge or time.monotonic() > until:
            lives = min(BADGE_LIVES, actor.claims["exp"] - time.time())
            who = {"id": actor.id or "", "role": actor.role or "", "name": actor.name}
            who |= {"scope": " ".join(sorted(actor.scopes))} if actor.scopes else {}
            badge = sign(self.secret, **who, audience=FOR_SERVICES, lives=lives)
            self.badges[key] = badge, time.monotonic() + BADGE_LIVES / 2
            while len(self.badges) > REMEMBERED:
                self.badges.popitem(last=False)
        return badge

    def access_token(self, *, id: str, role: str, name: str, version: int, session: str) -> str:
        """Sign the token that a client shows at the door; `version` is the account's, by which later news are told."""
        own = {"sid": session, "ver": version}
        return sign(self.secret, id=id, role=role, name=name, audience=FOR_GATEWAY, lives=ACCESS_LIVES, **own)

    def token_of_key(self, key: dict[str, Any]) -> tuple[str, float]:
        """Sign the token that stands for an API key, and tell how many seconds it lives: no longer than the key."""
        lives = float(ACCESS_LIVES)
        if key["expires_at"] is not None:
            lives = min(lives, (dt.datetime.fromisoformat(key["expires_at"]) - dt.datetime.now(dt.UTC)).total_seconds())
        who = {"id": key["id"], "role": API, "name": key["name"], "scope": " ".join(key["scopes"]), "sid": key["id"]}
        return sign(self.secret, **who, audience=FOR_GATEWAY, lives=lives), lives


def reception() -> Reception:
    return current_app.extensions["reception"]


def notices() -> Notices:
    return current_app.extensions["notices"]


def keys() -> Keys:
    return current_app.extensions["keys"]


def admit(needs: str) -> Actor:
    """Let in who may, and refuse the others; at a public door nobody is asked who they are."""
    actor, badge = NOBODY, None
    if needs != PUBLIC:
        token = _bearer_token()
        if token and is_key(token):
            token = keys().token_of(token, get_remote_address())
        visitor = reception().doorman.recognise(token)
        actor = notices().as_of_now(visitor)
        actor.permit(needs)
        if notices().had_to_be_awaited():
            actor = notices().as_of_now(visitor)
            actor.permit(needs)
        badge = reception().badge_of(token or "", actor)
    g.actor, g.badge = actor, badge
    return actor


def services_token() -> str | None:
    """What the services are shown; None at a public door."""
    return g.badge


def _bearer_token() -> str | None:
    header = request.headers.get("Authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise NotSignedIn("Send the access token as `Authorization: Bearer …`.")
    return token.strip()
