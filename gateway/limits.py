"""How often public doors may be tried from an address, and what a member may write; counted in each worker (0601)."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from chassis.actor import Actor
from contracts.access import MEMBER
from contracts.errors import Throttled
from contracts.language import PUBLIC
from gateway.routes.table import Route

PUBLIC_DOORS = "60 per minute"
FAILED_SIGN_INS_OF_ONE = "10 per minute"
WEBHOOKS = "1200 per minute"
SIGNUPS = "20 per minute"
CODES = "10 per minute"
WRITES_OF_A_MEMBER = parse("60 per minute")


def address_and_email() -> str:
    """One person's tries from one place, so that a colleague behind the same address is not locked out."""
    try:
        email = json.loads(request.get_data())["email"]
    except (ValueError, KeyError, TypeError, RecursionError):
        email = ""
    return f"{get_remote_address()} {str(email).strip().lower()[:320]}"


def failed(response: Response) -> bool:
    """Whether a try is counted: who knows the password is no guesser."""
    return response.status_code != 201


class Limits:
    """Puts the limits before the views of public rows, and counts what members write."""

    def __init__(self, app: Flask, *, enabled: bool) -> None:
        self.limiter = Limiter(
            get_remote_address, app=app, storage_uri="memory://", strategy="moving-window", enabled=enabled
        )
        self._enabled, self._written = enabled, MovingWindowRateLimiter(MemoryStorage())

    def before(self, route: Route, view: Callable[..., Any]) -> Callable[..., Any]:
        if route.rpc.needs != PUBLIC:
            return view
        if str(route.rpc) == "billing.hear_provider":
            return self.limiter.limit(WEBHOOKS)(view)
        view = self.limiter.limit(PUBLIC_DOORS)(view)
        if str(route.rpc) in ("contacts.sign_in", "contacts.sign_in_as_member"):
            limit = self.limiter.limit(FAILED_SIGN_INS_OF_ONE, key_func=address_and_email, deduct_when=failed)
            view = limit(view)
        if str(route.rpc) == "contacts.sign_up":
            view = self.limiter.limit(SIGNUPS)(view)
        if str(route.rpc) == "contacts.ask_for_member_code":
            view = self.limiter.limit(CODES)(view)
        return view

    def must_not_flood(self, actor: Actor, route: Route) -> None:
        """Refuse a member's write behind sixty of the last minute, from wherever they came; the team may."""
        if not self._enabled or actor.role != MEMBER or not route.rpc.writes:
            return
        who = str(actor.id)
        if not self._written.hit(WRITES_OF_A_MEMBER, who):
            until = self._written.get_window_stats(WRITES_OF_A_MEMBER, who).reset_time
            wait = max(1, math.ceil(until - time.time()))
            raise Throttled("You changed a great deal within a minute; wait and try again.", retry_after=wait)

    def seconds_left(self) -> int:
        """How long until the limit that was just hit is open again."""
        hit = self.limiter.current_limit
        return max(1, int(hit.reset_at - time.time())) if hit else 60
