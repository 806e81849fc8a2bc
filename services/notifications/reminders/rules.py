"""The words of the letters to the team."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

_TO_DO = {"call": "call", "email": "write an e-mail to", "sms": "send a text message to", "visit": "meet"}


def due_letter(told: Mapping[str, Any], *, about: str, zone: ZoneInfo, sender: str) -> dict[str, str]:
    """Say what is due about whom, and when, where the business is."""
    due_at: dt.datetime = told["due_at"]
    what = f"It is time to {_TO_DO.get(told['channel'], 'see to')} {about}."
    when = f"Due: {due_at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
    return {"subject": f"Due: {told['title']}", "text": f"{what}\n\n{told['title']}\n{when}\n\n{sender}\n"}


def flag_letter(told: Mapping[str, Any], *, about: str, sender: str) -> dict[str, str]:
    """Say what a stage rule wants known of a lead."""
    why = f"{about} stands in {told['stage']}."
    return {"subject": f"{about}: {told['name']}", "text": f"{told['message']}\n\n{why}\n\n{sender}\n"}
