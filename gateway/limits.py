"""How often the public doors may be tried, per address; counted in each worker's memory (decision 0601)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from contracts.language import PUBLIC
from gateway.routes.table import Route

PUBLIC_DOORS = "60 per minute"
FAILED_SIGN_INS_OF_ONE = "10 per minute"
WEBHOOKS = "1200 per minute"
SIGNUPS = "20 per minute"
CODES = "10 per minute"


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
    """Puts the limits before the views of public rows."""

    def __init__(self, app: Flask, *, enabled: bool) -> None:
        self.limiter = Limiter(
            get_remote_address, app=app, storage_uri="memory://", strategy="moving-window", enabled=enabled
        )

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

    def seconds_left(self) -> int:
        """How long until the limit that was just hit is open again."""
        hit = self.limiter.current_limit
        return max(1, int(hit.reset_at - time.time())) if hit else 60
