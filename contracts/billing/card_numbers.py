"""No card number ever enters: what looks like one is refused in whatever field it comes, and never repeated."""

from __future__ import annotations

import re
from typing import Any
from unicodedata import category, normalize

from marshmallow import ValidationError, pre_load

from contracts.language import Schema

REFUSAL = "Send the provider's token; card numbers are not accepted."

SHORTEST = 12
_ISSUED = re.compile(
    r"""4(?:\d{12}|\d{15}|\d{18})                                              # Visa
    | (?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}        # Mastercard
    | 3[47]\d{13}                                                             # American Express
    | 3(?:0[0-5]|[689]\d)\d{11}(?:\d\d)?                                      # Diners Club
    | (?:6011|64[4-9]\d|65\d\d)\d{12,15}                                      # Discover
    | 35(?:2[89]|[3-8]\d)\d{12,15}                                            # JCB
    | 62\d{14,17}                                                             # UnionPay
    | (?:50(?:18|20|38)|5893|6304|6759|676[1-3])\d{8,15}                       # Maestro
    | 220[0-4]\d{12}                                                          # Mir""",
    re.VERBOSE,
)
"""What the issuers' numbers begin with, and how long they are (ISO/IEC 7812)."""
_FOURS = [rf"(?:\d{{4}} +){{{n}}}\d{{1,4}}" for n in (2, 3, 4)]
_SHAPES = [r"\d{12,19}", *_FOURS, r"\d{4} +\d{6} +\d{4,5}", r"\d{6} +\d{13}"]
_PRINTED = [re.compile(rf"(?<!\d)(?=({shape})(?!\d))") for shape in _SHAPES]
"""How many digits stand together on cards, and where people type them."""
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.IGNORECASE)
_IBAN = re.compile(r"(?<![A-Z\d])[A-Z]{2}\d\d(?: *[A-Z\d]{4}){2,7}(?: *[A-Z\d]{1,3})?(?![A-Z\d])")
_PHONE = re.compile(r"\+\d{8,13}(?!\d)|(?<!\d)491[567]\d{7,9}(?!\d)")
_ONE_BY_ONE = re.compile(r"(?<!\d)\d(?: +\d)+(?!\d)")
_UNSEEN = {"Cf", "Mn", "Me"}
_GAPS = {"Zs", "Zl", "Zp", "Cc", "Pd", "Pc"}


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
    """Whether a text holds a number as an issuer of cards gives it, written together or in groups as cards are printed.

    What stands around it does not hide it, nor what stands between its groups. An id, an IBAN or a phone number that
    happens to have the digits is none; nor are dates, amounts and other numbers that only together have them.
    """
    if sum(map(str.isdigit, text)) < SHORTEST:
        return False
    plain = _ONE_BY_ONE.sub(lambda digits: digits[0].replace(" ", ""), _plain(_ID.sub("id", text)))
    plain = _IBAN.sub(_unless_iban, _PHONE.sub("phone", plain))
    return any(_is_number(found[1].replace(" ", "")) for shape in _PRINTED for found in shape.finditer(plain))


def _is_in(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_in(name) or _is_in(member) for name, member in value.items())
    if isinstance(value, list):
        return any(_is_in(member) for member in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return isinstance(value, (str, int)) and looks_like_card_number(str(value))


def _plain(text: str) -> str:
    """The text without what is not seen, a space for whatever may stand between groups, and all digits our own."""
    kinds = [(c, category(c)) for c in normalize("NFKC", text)]
    return "".join(_plain_one(c, kind) for c, kind in kinds if kind not in _UNSEEN)


def _plain_one(character: str, kind: str) -> str:
    if kind in _GAPS or character in "./\\,:·•|−":
        return " "
    return str(int(character)) if kind == "Nd" else character


def _unless_iban(found: re.Match[str]) -> str:
    """Nothing of what its check digits (ISO 7064) say is an IBAN."""
    iban = found[0].replace(" ", "")
    return "iban" if int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1 else found[0]


def _is_number(digits: str) -> bool:
    return bool(_ISSUED.fullmatch(digits)) and _luhn([int(c) for c in digits])


def _luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * d, 10)) for d in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
