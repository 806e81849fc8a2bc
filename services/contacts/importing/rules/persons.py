"""Who rows are about, and what becomes of a row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from services.contacts.card.rules import Card
from services.contacts.companies.rules import Company
from services.contacts.consent.rules import Statement


@dataclass(slots=True)
class Person:
    """Somebody whom rows are about; `id` is None until they are entered, `before` is the card that stood here.

    `customer_since` is what a row told of it, `told_since` what was told last, and `shown_since` what is shown, which
    may be derived. `undone` is who came by an import that was undone: archived, and welcome back. `external_ids` are
    those in the system of the import, `emergency` whom to call, by name, and `consents` what was said of marketing.
    `referred_by` is who brought them along: a contact's id, or the row that is about them.
    `line` is the first of the file that is about them, `first_line` the first of the rows at hand that changed them;
    `implied_by` is the row of a person who belongs to them, for a company that no row had been about.
    """

    card: Card
    id: str | None = None
    former_ids: tuple[str, ...] = ()
    before: Card | None = None
    archived: bool = False
    undone: bool = False
    is_back: bool = False
    customer_since: dt.date | None = None
    told_since: dt.date | None = None
    shown_since: dt.date | None = None
    tags: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    membership_number: str | None = None
    external_ids: set[str] = field(default_factory=set)
    emergency: set[str] = field(default_factory=set)
    consents: dict[str, Statement] = field(default_factory=dict)
    companies: set[str] = field(default_factory=set)
    referred_by: str | int | None = None
    new_referrers: list[tuple[str | int, str]] = field(default_factory=list)
    new_companies: list[tuple[Company | Person, str]] = field(default_factory=list)
    new_emergency: list[dict[str, Any]] = field(default_factory=list)
    new_consents: list[dict[str, Any]] = field(default_factory=list)
    new_tags: list[str] = field(default_factory=list)
    new_notes: list[str] = field(default_factory=list)
    new_membership_number: str | None = None
    new_external_ids: list[str] = field(default_factory=list)
    first_line: int | None = None
    line: int | None = None
    implied_by: int | None = None

    @property
    def name(self) -> str:
        return self.card.display_name

    @property
    def has_row(self) -> bool:
        """Whether any row is about them, and not only about people who belong to them."""
        return self.implied_by is None or self.line is not None

    @property
    def is_changed(self) -> bool:
        """Whether the card, and not only tags and notes, is another than what stood here."""
        return self.before is not None and bool(
            self.card is not self.before or self.customer_since or self.new_membership_number
        )


@dataclass(slots=True)
class Outcome:
    """What became of a row; `remarks` explain, of a rejected one they are the reasons.

    Of who was here already `told` has what the row itself changed and added, and what of it was not taken.
    """

    line: int
    outcome: str
    person: Person | None = None
    remarks: list[dict[str, str | None]] = field(default_factory=list)
    cells: list[str] | None = None
    told: dict[str, Any] = field(default_factory=dict)
