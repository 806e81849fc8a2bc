"""What was typed on a card, read into the form in which it is kept, or refused with all that is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import phonenumbers

from contracts.errors import Invalid
from services.contacts.addresses.rules import PostalAddress, read_addresses
from services.contacts.fields.rules import NO_FIELDS, Fields, read_values
from services.contacts.people import rules as people
from services.contacts.people.rules import EmailAddress, PhoneNumber, tidy
from services.contacts.settings.rules import ANYWHERE, Locations

_OLDEST = 130

READERS: dict[str, Callable[[Any], Any]] = {
    "first_name": tidy,
    "last_name": tidy,
    "preferred_name": tidy,
    "name": tidy,
    "birthday": lambda day: day,
    "gender": people.tidy_gender,
    "website": tidy,
    "industry": tidy,
    "size": tidy,
    "source": tidy,
    "location": tidy,
    "assigned_to": lambda member: member,
}
"""The typed-in columns of a contact, and how each is read."""

_OF_PERSONS = ("first_name", "last_name", "preferred_name", "birthday", "gender")

Problems = list[dict[str, str]]
EmailKey = str
PhoneKey = tuple[str, str]
Difference = dict[str, dict[str, Any]]


@dataclass(slots=True)
class Card:
    """All that is typed in about one contact, as it is kept; `profile` has `kind` and every column of READERS."""

    profile: dict[str, Any]
    emails: list[EmailAddress] = field(default_factory=list)
    phones: list[PhoneNumber] = field(default_factory=list)
    addresses: list[PostalAddress] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def display_name(self) -> str:
        """The name, or what else there is to call them by."""
        reached_by = [email.value for email in self.emails] + [phone.value for phone in self.phones]
        return people.display_name(self.profile) or next(iter(reached_by), "")

    @property
    def keys(self) -> list[EmailKey | PhoneKey]:
        """What nobody else has: each e-mail address, and each phone together with the name."""
        name_key = self.name_key
        return [email.normalised for email in self.emails] + [(phone.value, name_key) for phone in self.phones]

    @property
    def name_key(self) -> str:
        return people.name_key(self.profile)

    @property
    def sort_name(self) -> str:
        return people.sort_name(self.profile, self.display_name)

    def search_text(self, membership_number: str | None) -> str:
        return people.search_text(self.profile, self.emails, self.phones, membership_number)


@dataclass(slots=True)
class Draft:
    """A contact about to be entered; `distinct_from` are ids of others.

    `customer_since` and `membership_number` may be brought along by an import.
    """

    card: Card
    entered_as: str = "lead"
    acquisition: str = "manual"
    customer_since: dt.date | None = None
    distinct_from: frozenset[str] = frozenset()
    membership_number: str | None = None


def read_card(
    given: Mapping[str, Any],
    *,
    region: str,
    today: dt.date,
    known: Card | None = None,
    locations: Locations = ANYWHERE,
    fields: Fields = NO_FIELDS,
) -> Card:
    """Read what was typed; what is not given stays as it is `known`. Raises Invalid with every fault and its pointer.

    `given` has the shape of `contracts.contacts.people.CreateContact`, `region` reads phones without a country, and
    `fields` are the custom fields that it names.
    """
    problems: Problems = []
    before = known or Card({"kind": given.get("kind") or "person", **dict.fromkeys(READERS)})
    profile = before.profile | {name: READERS[name](given[name]) for name in READERS if name in given}
    if given.get("website") and _LEADS_ELSEWHERE.match(profile["website"] or ""):
        problems.append({"pointer": "/website", "detail": "The address of a website begins with http:// or https://."})
    if profile["location"] and profile["location"] != before.profile["location"]:
        profile["location"] = _location_of(profile["location"], locations, problems)
    addresses = read_addresses(given["addresses"], problems) if "addresses" in given else before.addresses
    emails = people.read_emails(given["emails"], problems) if "emails" in given else before.emails
    phones = before.phones
    if "phones" in given:
        phones = people.read_phones(given["phones"], _region_of(addresses, region), problems)
    values = before.fields
    if given.get("fields"):
        values = read_values(given["fields"], values, fields, kind=profile["kind"], problems=problems)
    card = Card(profile, emails, phones, addresses, values)
    _judge(card, today, problems)
    if problems:
        raise Invalid("; ".join(problem["detail"] for problem in problems), problems)
    return card


def emptied(given: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Read null, of a list or of the custom fields, as all of it taken away: the same as naming each."""
    nothing: dict[str, Any] = {"emails": [], "phones": [], "addresses": [], "fields": dict.fromkeys(values)}
    return {name: nothing.get(name) if value is None else value for name, value in given.items()}


_LEADS_ELSEWHERE = re.compile(r"(?!https?:)[a-z][a-z0-9+-]*:(?!\d)", re.IGNORECASE)
"""`javascript:` and its like, which a front end that makes a link of a website would run; a port is no scheme."""


def _location_of(text: str, locations: Locations, problems: Problems) -> str:
    key = locations.key_of(text)
    if key is None:
        problems.append({"pointer": "/location", "detail": "No location has this name or key."})
    return key or text


def _region_of(addresses: list[PostalAddress], otherwise: str) -> str:
    country = next((address.country for address in addresses if address.primary), "")
    return country if country in phonenumbers.SUPPORTED_REGIONS else otherwise


def _judge(card: Card, today: dt.date, problems: Problems) -> None:
    profile = card.profile
    if profile["kind"] == "company":
        if not profile["name"]:
            problems.append({"pointer": "/name", "detail": "A company needs a name."})
        problems += [
            {"pointer": f"/{name}", "detail": "A company has none; enter its people as persons."}
            for name in _OF_PERSONS
            if profile[name]
        ]
    elif profile["size"]:
        problems.append({"pointer": "/size", "detail": "Only a company has a size."})
    elif profile["name"]:
        problems.append({"pointer": "/name", "detail": "A person has a first and a last name instead."})
    elif not problems and not card.display_name:
        problems.append({"pointer": "/first_name", "detail": "A name, an e-mail address or a phone number is needed."})
    if profile["birthday"] and not today.replace(year=today.year - _OLDEST, day=1) <= profile["birthday"] <= today:
        problems.append({"pointer": "/birthday", "detail": f"Not within the last {_OLDEST} years."})


def difference(before: Card, after: Card) -> Difference:
    """Each field that differs as `{"before": …, "after": …}`, in plain values; a custom one as `fields.<key>`."""
    old, new = plain_card(before), plain_card(after)
    keys = sorted(before.fields.keys() | after.fields.keys())
    old |= {f"fields.{key}": before.fields.get(key) for key in keys}
    new |= {f"fields.{key}": after.fields.get(key) for key in keys}
    return {name: {"before": old[name], "after": new[name]} for name in old if old[name] != new[name]}


def plain_card(card: Card) -> dict[str, Any]:
    """All of a card in plain values, as events tell it."""
    birthday = card.profile["birthday"]
    return {
        **{name: card.profile[name] for name in READERS},
        "birthday": birthday and birthday.isoformat(),
        **lists_of(card),
    }


def lists_of(card: Card) -> dict[str, list[dict[str, Any]]]:
    """The e-mails, phones and addresses as a card shows them."""
    return {
        "emails": [{"value": e.value, "label": e.label, "primary": e.primary} for e in card.emails],
        "phones": [
            {"value": p.value, "as_typed": p.as_typed, "label": p.label, "primary": p.primary} for p in card.phones
        ],
        "addresses": [address._asdict() for address in card.addresses],
    }
