"""Who is asking: signed tokens (JWT, HS256), the only proof of identity that a service believes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jwt

from chassis.ids import new_id
from contracts.access import API, ROLES, grants
from contracts.errors import Forbidden, NotSignedIn
from contracts.language import PUBLIC, SIGNED_IN

ISSUER = "rapport"
FOR_SERVICES = "rapport-services"
FOR_GATEWAY = "rapport-gateway"
_REQUIRED = ["exp", "iat", "sub", "aud", "iss", "role"]


@dataclass(frozen=True)
class Actor:
    """Someone who asks: a team member, a member, another system with a key and its `scopes`, a service, or nobody
    (`id` is None)."""

    id: str | None
    role: str | None
    name: str = ""
    claims: dict[str, Any] = field(default_factory=dict, compare=False)
    scopes: frozenset[str] = frozenset()

    def may(self, permission: str) -> bool:
        """Tell whether the role carries the permission, or the key does."""
        if permission == PUBLIC:
            return True
        if permission == SIGNED_IN:
            return self.id is not None
        if self.role == API:
            return grants(self.scopes, permission)
        return permission in ROLES.get(self.role or "", frozenset())

    def permit(self, permission: str) -> None:
        """Refuse with NotSignedIn or Forbidden unless the actor may."""
        if self.may(permission):
            return
        if self.id is None:
            raise NotSignedIn("Sign in first.")
        whose = "Your API key" if self.role == API else f"Your role, {self.role},"
        raise Forbidden(f"{whose} does not include {permission}.")


NOBODY = Actor(None, None, "nobody")


def sign(
    secret: str, *, id: str, role: str, name: str = "", audience: str = FOR_SERVICES, lives: float = 900, **claims: Any
) -> str:
    """Make a token that lives for so many seconds; the claim `scope` holds a key's scopes, with spaces between."""
    now = time.time()
    body = {"iss": ISSUER, "aud": audience, "sub": id, "role": role, "name": name, "iat": now, "exp": now + lives}
    return jwt.encode(body | {"jti": new_id()} | claims, secret, algorithm="HS256")


def verify(secret: str, token: str, *, audience: str = FOR_SERVICES, accepted: Sequence[str] = ()) -> Actor:
    """Read a token that was signed with the secret, or with one accepted beside it; or refuse it with NotSignedIn."""
    # `iat` is not held against our clock: the machine that signed may be some seconds ahead of this one.
    options: Any = {"require": _REQUIRED, "verify_iat": False}
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], audience=audience, issuer=ISSUER, options=options)
    except jwt.InvalidTokenError as error:
        if accepted and isinstance(error, jwt.InvalidSignatureError):
            return verify(accepted[0], token, audience=audience, accepted=accepted[1:])
        raise NotSignedIn("The token is not valid or has expired.") from error
    scopes = frozenset(str(claims.get("scope", "")).split())
    return Actor(claims["sub"], claims["role"], claims.get("name", ""), claims, scopes)


class Doorman:
    """Verifies tokens, and remembers the last few hundred until they expire."""

    def __init__(
        self, secret: str, audience: str = FOR_SERVICES, remembered: int = 512, accepted: Sequence[str] = ()
    ) -> None:
        self._secret, self._audience, self._remembered, self._accepted = secret, audience, remembered, accepted
        self._known: OrderedDict[str, Actor] = OrderedDict()

    def recognise(self, token: str | None) -> Actor:
        """Tell who the token's bearer is; without a token, nobody."""
        if not token:
            return NOBODY
        actor = self._known.get(token)
        if actor is not None and actor.claims["exp"] > time.time():
            return actor
        actor = verify(self._secret, token, audience=self._audience, accepted=self._accepted)
        self._known[token] = actor
        while len(self._known) > self._remembered:
            self._known.popitem(last=False)
        return actor


class Signer:
    """Signs for one service, which asks others in its own name; a token is renewed in its last minute."""

    def __init__(self, secret: str, service: str) -> None:
        self._secret, self._service = secret, service
        self._token, self._until = "", 0.0

    def token(self) -> str:
        """A token of the service that is good for at least another minute."""
        if time.time() > self._until - 60:
            self._until = time.time() + 900
            self._token = sign(self._secret, id=f"service:{self._service}", role="service", name=self._service)
        return self._token
