"""API keys at the door: each is exchanged for a token of a quarter of an hour, and goes no further."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any
from uuid import UUID

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from chassis.calls import Calls, Context
from contracts.contacts.api_keys import PREFIX, use_api_key
from contracts.errors import NotSignedIn, Throttled

REMEMBERED = 1000
RENEWED_BEFORE_SECONDS = 60
WRONG_KEYS = parse("20 per minute")
"""From one address; a good key beside them, perhaps of another system behind the same address, is let in."""


def is_key(token: str) -> bool:
    """Whether what was shown is an API key, and no access token."""
    return token.startswith(PREFIX)


class Keys:
    """Knows the keys that this worker saw lately; `sign` makes a token of what contacts tells of one, and its life."""

    def __init__(self, calls: Calls, token: Callable[[], str], sign: Callable[[dict[str, Any]], tuple[str, float]]):
        self._calls, self._token, self._sign = calls, token, sign
        self._tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._wrong = MovingWindowRateLimiter(MemoryStorage())

    def token_of(self, key: str, address: str) -> str:
        """The access token of a key's bearer; NotSignedIn where the key is none, Throttled where many were none."""
        token, until = self._tokens.get(key, ("", 0.0))
        if time.monotonic() < until:
            return token
        try:
            token, lives = self._sign(self._known(key))
        except NotSignedIn:
            if not self._wrong.hit(WRONG_KEYS, address):
                raise Throttled("Too many wrong API keys came from your address.", retry_after=60) from None
            raise
        self._tokens[key] = token, time.monotonic() + lives - min(RENEWED_BEFORE_SECONDS, lives / 2)
        while len(self._tokens) > REMEMBERED:
            self._tokens.popitem(last=False)
        return token

    def _known(self, key: str) -> dict[str, Any]:
        name, _, secret = key.removeprefix(PREFIX).partition("_")
        try:
            key_id = str(UUID(name))
        except ValueError:
            raise NotSignedIn("The API key is not valid.") from None
        asked = {"api_key_id": key_id, "secret_hash": hashlib.sha256(secret.encode()).hexdigest()}
        return self._calls.ask(use_api_key, asked, Context(token=self._token()))
