"""The exports that are known by name, and how each writes several tags into one cell."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.contacts.importing.rules.columns import plain

SEVERAL = " ::: "
"""Google joins several values of one cell with this, in any column."""


@dataclass(frozen=True)
class Export:
    """One system's way of exporting: recognised by headers that it alone has (all of `known_by`).

    `means` are headers that mean something else here than elsewhere, None: nothing that a contact has.
    """

    name: str
    known_by: frozenset[str]
    between_tags: str
    own_tags: frozenset[str] = frozenset()
    quotes_tags: bool = False
    means: Mapping[str, str | None] = field(default_factory=dict)


_DERIVED = (
    "lifecycle", "lead status", "looked after by", "lead source", "acquisition", "standing", "created at utc",
    "lifetime value", "dues", "membership", "subscription", "visits", "last visit utc", "last booking utc",
    "last contact utc",
)  # fmt: skip
"""What our own export tells of a contact, and no file of contacts changes."""
_OF_A_STUDIO = (
    "membership", "pricing option", "expires", "expiration", "expiration date", "last visit", "first visit", "visits",
    "visits remaining", "balance", "account balance",
)  # fmt: skip
_IN_NOTE = dict.fromkeys(_OF_A_STUDIO, "in_note")
"""Where a contact has no field for it; a custom field of that name takes it instead."""

EXPORTS = (
    Export("Rapport", frozenset({"rapport id"}), re.escape(SEVERAL), means=dict.fromkeys(_DERIVED)),
    Export(
        "Google Contacts",
        frozenset({"e mail 1 value", "labels"}),
        re.escape(SEVERAL),
        own_tags=frozenset({"mycontacts"}),
    ),
    Export(
        "Google Contacts (before 2024)",
        frozenset({"e mail 1 value", "group membership"}),
        re.escape(SEVERAL),
        own_tags=frozenset({"mycontacts"}),
    ),
    Export("Outlook", frozenset({"e mail address", "categories"}), "[;,]"),
    Export("Outlook", frozenset({"e mail adresse", "kategorien"}), "[;,]"),
    Export(
        "HubSpot",
        frozenset({"record id", "email", "contact owner"}),
        ";",
        means={"record id": "external_id"},
    ),
    *(
        Export(
            "Mailchimp",
            frozenset({"email address", "member rating", "tags", *of_whom}),
            ",",
            quotes_tags=True,
            # Where the reader's machine was, is nobody's address.
            means={
                "leid": None,
                "euid": "external_id",
                "region": None,
                "cc": None,
                "notes": "note",
                "optin time": agreed,
            },
        )
        # Who is in the file of those who left, or who cannot be reached, agreed to nothing that holds.
        for of_whom, agreed in ((["unsub time"], None), (["clean time"], None), ([], "marketing_email_agreed_on"))
    ),
    Export("client list", frozenset({"id", "client"}), "[;,]", means={"id": "external_id", **_IN_NOTE}),
    *(
        Export("client list", frozenset({"client id", name}), "[;,]", means={"client id": "external_id", **_IN_NOTE})
        for name in ("first name", "client", "client name", "last name first name")
    ),
)
PLAIN = Export("plain table", frozenset(), f"[;,]|{re.escape(SEVERAL)}")


def export_of(headers: Sequence[str]) -> Export:
    """Recognise who wrote the file."""
    names = set(map(plain, headers))
    return next((export for export in EXPORTS if export.known_by <= names), PLAIN)


def tags_in(cell: str, export: Export) -> list[str]:
    """Split a cell of tags; Google's star before its own labels is no part of them."""
    parts = (
        next(csv.reader([cell.replace("\n", " ")], skipinitialspace=True))
        if export.quotes_tags
        else re.split(export.between_tags, cell)
    )
    words = (word.strip().removeprefix("* ").strip('" ') for word in parts)
    return [word for word in words if word and word.casefold() not in export.own_tags]
