"""What every table of documents stands on, and what this service is told by its environment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from environs import Env
from sqlalchemy import DateTime, Uuid

from chassis.database import declarative_base_of
from services.acquaintance import known_business

Base = declarative_base_of("documents")
Id = Uuid(as_uuid=False)
Moment = DateTime(timezone=True)


@dataclass(frozen=True)
class Business:
    """Who the other side of every agreement is, and whose clock says what day it is."""

    name: str
    zone: ZoneInfo
    days_to_sign: int

    def today(self, now: dt.datetime) -> str:
        """The date at the business, as an agreement says it: 3 May 2026."""
        day = now.astimezone(self.zone)
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def business(work: Any) -> Business:
    """Who the business is by its settings, else by the environment."""
    known = known_business(work)
    return Business(name=known.name or "Rapport", zone=known.zone, days_to_sign=_days_to_sign())


@cache
def _days_to_sign() -> int:
    return Env().int("RAPPORT_DAYS_TO_SIGN", 30)
