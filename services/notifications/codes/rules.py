"""The words around a code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from services.notifications.messages.rules import HIDDEN


def code_letter(told: Mapping[str, Any], *, zone: ZoneInfo, sender: str) -> dict[str, str]:
    """Say the code to sign in by and until when it is good, where the business is."""
    until: dt.datetime = told["expires_at"]
    code = f"Your code to sign in: {HIDDEN}"
    good = f"It is good once, until {until.astimezone(zone):%H:%M} ({zone.key}); of several the last one is."
    stranger = "If you did not ask for it, somebody typed your address: without the code nothing comes of it."
    text = f"Hello {told['display_name']},\n\n{code}\n\n{good}\n{stranger}\n\n{sender}\n"
    return {"subject": f"Your code for {sender}", "text": text}
