"""Who asks: the public token at the door, and the token that the services are shown instead."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field

from flask import current_app, g, request

from chassis.actor import FOR_GATEWAY, FOR_SERVICES, NOBODY, Actor, Doorman, sign
from contracts.errors import NotSignedIn
from contracts.language import PUBLIC

ACCESS_LIVES = 15 * 60
REMEMBERED = 5000


@dataclass
class Reception:
    """Knows the tokens of this worker's last few thousand visitors, so that each is verified and signed once."""

    secret: str
    doorman: Doorman = field(init=False)
    badges: OrderedDict[str, str] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.doorman = Doorman(self.secret, FOR_GATEWAY, REMEMBERED)

    def badge_of(self, token: str, actor: Actor) -> str:
        """The services' token of an access token's bearer; it lives no longer than the access token."""
        badge = self.badges.get(token)
        if badge is None:
            lives = actor.claims["exp"] - time.time()
            who = {"id": actor.id or "", "role": actor.role or "", "name": actor.name}
            badge = sign(self.secret, **who, audience=FOR_SERVICES, lives=lives)
            self.badges[token] = badge
            while len(self.badges) > REMEMBERED:
                self.badges.popitem(last=False)
        return badge

    def access_token(self, *, id: str, role: str, name: str, session: str) -> str:
        """Sign the token that a client shows at the door."""
        return sign(self.secret, id=id, role=role, name=name, audience=FOR_GATEWAY, lives=ACCESS_LIVES, sid=session)


def reception() -> Reception:
    return current_app.extensions["reception"]


def admit(needs: str) -> Actor:
    """Let in who may, and refuse the others; at a public door nobody is asked who they are."""
    actor, badge = NOBODY, None
    if needs != PUBLIC:
        token = _bearer_token()
        actor = reception().doorman.recognise(token)
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
