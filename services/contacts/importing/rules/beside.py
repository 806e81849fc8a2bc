"""What a row says beside the card: whom to call, and what the contact agreed to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from phonenumbers import is_valid_number, parse

from contracts.errors import Invalid
from services.contacts.consent.rules import Statement
from services.contacts.emergency.rules import numbers_of
from services.contacts.fields.rules import NO, YES

CONSENTS = {"marketing_email": "email", "marketing_sms": "sms"}
EMERGENCY = {"emergency_name": "name", "emergency_phone": "phone", "emergency_relationship": "relationship"}
REFUSED, REFUSED_ON, AGREED_ON = "marketing_email_refused", "marketing_email_refused_on", "marketing_email_agreed_on"
FIELDS = frozenset({*CONSENTS, *EMERGENCY, "marketing_date", REFUSED, REFUSED_ON, AGREED_ON})
LONGEST = {"name": 200, "phone": 60, "relationship": 100}
MARKETING = "marketing"

_YES = YES | {"subscribed", "opted in", "opt in"}
_NO = NO | {"unsubscribed", "opted out", "opt out", "nonsubscribed", "cleaned"}
UNDATED = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(slots=True)
class Beside:
    """`said` are cells as they stand, `whom` is whom to call, `consents` what was said of marketing by channel, on the
    day of `days`, else `on`; None: nobody knows when. `refused` is a column of refusals alone, `agreed_on` one of days.

    `company` is whose name stands in a person's row, `title` what the person is there; `referrer` is how the file calls
    who referred them, and `referrer_said` where and how a note would say it.
    """

    said: dict[str, str] = field(default_factory=dict)
    whom: dict[str, Any] | None = None
    consents: dict[str, bool] = field(default_factory=dict)
    days: dict[str, dt.date | None] = field(default_factory=dict)
    on: dt.date | None = None
    refused: bool = False
    refused_on: dt.date | None = None
    agreed_on: dt.date | None = None
    company: str = ""
    title: str = ""
    referrer: str = ""
    referrer_said: tuple[int, str] = (0, "")


def read_beside(
    beside: Beside, name: str, cell: str, header: str, said: list[str], date_in: Callable[[str], dt.date]
) -> None:
    """Read one cell; what cannot be read so is kept as it stands, in `said`: it is no fault of the contact's."""
    if name in EMERGENCY:
        part = EMERGENCY[name]
        beside.said[part] = cell[: LONGEST[part]]
    elif name in CONSENTS and cell.casefold() in _YES | _NO:
        beside.consents[CONSENTS[name]] = cell.casefold() in _YES
    elif name == REFUSED and cell.casefold() in _YES | _NO:
        beside.refused = beside.refused or cell.casefold() in YES | (_NO - NO)
    else:
        beside.refused = beside.refused or name == REFUSED_ON
        try:
            setattr(beside, _DAYS.get(name, "on"), date_in(cell))
        except ValueError:
            said.append(f"{header}: {cell}")


_DAYS = {REFUSED: "refused_on", REFUSED_ON: "refused_on", AGREED_ON: "agreed_on"}


def settle_consents(beside: Beside) -> None:
    """Take a column of refusals for a no, whatever else the row says: the strictest holds; who is in none said nothing.

    A day of agreeing is a yes of that day, unless another column says no.
    """
    if beside.refused or beside.refused_on:
        beside.consents["email"], beside.days["email"] = False, beside.refused_on
    elif beside.agreed_on and beside.consents.setdefault("email", True):
        beside.days["email"] = beside.agreed_on


def settle_whom(beside: Beside, regions: Iterable[str]) -> str | None:
    """Make of the cells somebody to call; else give them in words, for a note.

    A number without a country is read in the first of `regions` that has it: a wrong one would be worse than words.
    """
    if not beside.said:
        return None
    name, phone = beside.said.get("name"), beside.said.get("phone")
    for region in regions if name and phone else ():
        try:
            phones = numbers_of([{"value": phone}], region)
        except Invalid:
            continue
        if not (phone or "").startswith("+") and not is_valid_number(parse(phones[0]["value"])):
            continue
        beside.whom = {"name": name, "relationship": beside.said.get("relationship", ""), "phones": phones}
        return None
    return "Emergency contact: " + ", ".join(beside.said.values())


def word_taken(known: Statement | None, *, granted: bool, on: dt.date | None) -> Statement | None:
    """The word that a file adds to the ledger, None: it says nothing new, or the contact said otherwise since.

    A word without a date counts where nothing was said, and as a refusal: the strictest holds.
    """
    if known is not None and known.granted == granted:
        return None
    if on is None:
        return Statement(granted, UNDATED) if known is None or not granted else None
    said_at = dt.datetime.combine(on, dt.time(), dt.UTC)
    return Statement(granted, said_at) if known is None or known.said_at < said_at else None
