"""Names, e-mail addresses and phone numbers: read as typed, answered in one form, or refused with the reason."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import phonenumbers
from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from phonenumbers import NumberParseException, PhoneNumberFormat, ValidationResult

from services.contacts.contact.rules import clean, fold, primary_of

_BLANKS = re.compile(r"\s+")
_SIGNS = re.compile(r"\W")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*")
"""Before the @, what needs no thought: the atoms of RFC 5321 that nearly everyone has."""
_GENDERS = {"f": "female", "w": "female", "woman": "female", "m": "male", "man": "male"}
_TWISTED = {
    ValidationResult.TOO_SHORT: "is too short",
    ValidationResult.TOO_LONG: "is too long",
    ValidationResult.INVALID_COUNTRY_CODE: "has no valid country code",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "lacks its area code",
}


class Unreadable(ValueError):
    """Text that cannot be what it claims to be; the message says why, for the one who typed it."""


class EmailAddress(NamedTuple):
    value: str
    normalised: str
    label: str
    primary: bool


class PhoneNumber(NamedTuple):
    value: str
    as_typed: str
    national: str
    label: str
    primary: bool


def tidy(text: str | None) -> str | None:
    """Trim, join blanks inside, NFC; nothing left is None."""
    return _BLANKS.sub(" ", clean(text)) or None


def tidy_gender(text: str | None) -> str | None:
    """Lower case, and the usual letters spelt out; the business may use words of its own."""
    word = (tidy(text) or "").lower()
    return _GENDERS.get(word, word) or None


def display_name(profile: Mapping[str, Any]) -> str | None:
    """How a contact is called in lists: the company's name, or preferred else first name and last name."""
    if profile["kind"] == "company":
        return profile["name"]
    return tidy(f"{profile['preferred_name'] or profile['first_name'] or ''} {profile['last_name'] or ''}")


def name_key(profile: Mapping[str, Any]) -> str:
    """The name as it is compared when phones are equal; the preferred name does not make another person."""
    if profile["kind"] == "company":
        return fold(profile["name"] or "")
    return fold(f"{profile['first_name'] or profile['preferred_name'] or ''} {profile['last_name'] or ''}")


def sort_name(profile: Mapping[str, Any], shown: str) -> str:
    """Last name first, without accents."""
    first = profile["first_name"] or profile["preferred_name"]
    return fold(f"{profile['last_name'] or ''} {first or ''}") or fold(shown)


@lru_cache(maxsize=8192)
def read_email(text: str) -> str:
    """Answer the form in which an address is compared: NFKC, no case, the domain in IDNA. No DNS is asked."""
    name, at, domain = text.strip().rpartition("@")
    if at and len(text) < 200 and len(name) <= 64 and _PLAIN_NAME.fullmatch(name):
        return f"{name.lower()}@{_read_domain(domain)}"
    found = _validated(text.strip())
    local = unicodedata.normalize("NFKC", found.local_part).casefold()
    return f"{local}@{(found.ascii_domain or found.domain).lower()}"


@lru_cache(maxsize=8192)
def _read_domain(domain: str) -> str:
    """Judge a domain once for all who have their address there: an import has many of them."""
    found = _validated(f"a@{domain}")
    return (found.ascii_domain or found.domain).lower()


def _validated(address: str) -> ValidatedEmail:
    try:
        # Domains of tests (RFC 6761) are let in: they are nobody's, and every trial begins with one.
        return validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as problem:
        raise Unreadable(str(problem)) from None


@lru_cache(maxsize=8192)
def read_phone(text: str, region: str) -> tuple[str, str]:
    """Answer E.164 and the digits as dialled at home; `region` (ISO 3166) reads a number without a country code."""
    number = _parsed(text, region)
    verdict = phonenumbers.is_possible_number_with_reason(number)
    if verdict != ValidationResult.IS_POSSIBLE:
        number = _without_its_plus(text) or number
        if not phonenumbers.is_valid_number(number):
            raise Unreadable(f"This number {_TWISTED.get(verdict, 'is not possible')}.")
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164), "".join(filter(str.isdigit, national))


def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber:
    try:
        return phonenumbers.parse(text, region or None)
    except NumberParseException as problem:
        raise Unreadable(str(problem)) from None


def _without_its_plus(text: str) -> phonenumbers.PhoneNumber | None:
    """A spreadsheet takes +353 86 123 4567 for a number, and keeps 353861234567."""
    try:
        return phonenumbers.parse(f"+{text.strip()}") if text.strip().isdecimal() else None
    except NumberParseException:
        return None


def is_in_doubt(phone: PhoneNumber) -> bool:
    """Whether a number was read by a region, and is none that this region has given out."""
    if phone.as_typed.lstrip().startswith(("+", "00")):
        return False
    return not phonenumbers.is_valid_number(phonenumbers.parse(phone.value))


def read_emails(given: list[dict[str, Any]], problems: list[dict[str, str]]) -> list[EmailAddress]:
    """Read them all; what is wrong goes to `problems` with its pointer, what is twice is kept once."""
    found: dict[str, EmailAddress] = {}
    first = primary_of(given, "emails", problems)
    for n, item in enumerate(given):
        try:
            normalised = read_email(item["value"])
        except Unreadable as problem:
            problems.append({"pointer": f"/emails/{n}/value", "detail": str(problem)})
            continue
        known = found.get(normalised)
        if known is None:
            found[normalised] = EmailAddress(
                clean(item["value"]), normalised, tidy(item.get("label")) or "", n == first
            )
        elif n == first:
            found[normalised] = known._replace(primary=True)
    return list(found.values())


def read_phones(given: list[dict[str, Any]], region: str, problems: list[dict[str, str]]) -> list[PhoneNumber]:
    """Read them all by their own region, else by the one given; see `read_emails`."""
    found: dict[str, PhoneNumber] = {}
    first = primary_of(given, "phones", problems)
    for n, item in enumerate(given):
        own = (item.get("region") or "").upper()
        if own and own not in phonenumbers.SUPPORTED_REGIONS:
            problems.append(
                {"pointer": f"/phones/{n}/region", "detail": "No telephone region of ISO 3166-1 has this code."}
            )
            continue
        typed = clean(item["value"])
        try:
            value, national = read_phone(typed, own or region)
        except Unreadable as problem:
            problems.append({"pointer": f"/phones/{n}/value", "detail": str(problem)})
            continue
        known = found.get(value)
        if known is None:
            found[value] = PhoneNumber(value, typed, national, tidy(item.get("label")) or "", n == first)
        elif n == first:
            found[value] = known._replace(primary=True)
    return list(found.values())


def search_text(
    profile: Mapping[str, Any], emails: list[EmailAddress], phones: list[PhoneNumber], membership_number: str | None
) -> str:
    """All that a contact is found by, folded; a blank before each part, so that `% abc%` asks how a word begins."""
    names = (profile[field] for field in ("first_name", "last_name", "preferred_name", "name"))
    parts = [fold(name) for name in names if name]
    parts += [text for email in emails for text in {email.normalised, fold(email.value)}]
    parts += [digits for phone in phones for digits in {phone.value[1:], phone.national}]
    return " " + " ".join([*parts, *([number_text(membership_number)] if membership_number else [])])


def number_text(membership_number: str) -> str:
    """A membership number as it is searched by: folded, and once more without its signs where it has no letters."""
    told = fold(membership_number)
    digits = _SIGNS.sub("", told)
    return f"{told} {digits}" if digits.isdecimal() and digits != told else told
