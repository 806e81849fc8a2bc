"""No card number ever enters: what looks like one is refused in whatever field it comes, and never repeated."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import ValidationError, pre_load

from contracts.language import Schema

REFUSAL = "Send the provider's token; card numbers are not accepted."
SHORTEST, LONGEST = 12, 19

_RUN = re.compile(r"\d(?:[ .-]?\d){11,}")
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_GROUP = re.compile(r"\d+")


class NoCardNumbers(Schema):
    """A request that may hold no card number in any field, known or not; the gateway looks before it passes it on."""

    @pre_load
    def _refuse_card_numbers(self, data: Any, **_: Any) -> Any:
        if isinstance(data, dict) and (faults := card_numbers_in(data)):
            raise ValidationError(faults)
        return data


def card_numbers_in(members: dict[str, Any]) -> dict[str, list[str]]:
    """The refusals of these members by their names; a name that is a number itself is not repeated either."""
    named = {name: [REFUSAL] for name, value in members.items() if _is_in(value) and not _is_in(name)}
    return named | ({"_schema": [REFUSAL]} if any(_is_in(name) for name in members) else {})


def looks_like_card_number(text: str) -> bool:
    """Whether a text holds what could be a card number (ISO/IEC 7812: up to 19 digits that satisfy Luhn).

    Groups of digits are taken together as they stand: a number with its expiry behind it is still one. An id that
    happens to have the digits is none, alone or within a text.
    """
    return any(_is_number(run) for run in _RUN.findall(_ID.sub("id", text)))


def _is_in(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_in(name) or _is_in(member) for name, member in value.items())
    if isinstance(value, list):
        return any(_is_in(member) for member in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return isinstance(value, (str, int)) and looks_like_card_number(str(value))


def _is_number(run: str) -> bool:
    groups = _GROUP.findall(run)
    ends = [(first, last) for last in range(len(groups) + 1) for first in range(last)]
    together = ["".join(groups[first:last]) for first, last in ends]
    return any(SHORTEST <= len(digits) <= LONGEST and _luhn([int(c) for c in digits]) for digits in together)


def _luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
