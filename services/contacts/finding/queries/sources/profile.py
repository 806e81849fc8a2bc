"""What the row of a contact says by itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, select, text

from contracts.contacts.words import ACQUISITIONS, CONVERTED, ENTERED_AS, KINDS, LEAD_STATUSES, LIFECYCLES, STANDINGS
from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.finding.rules.values import Unfit, read_id
from services.contacts.people.rules import tidy_gender
from services.contacts.settings.model import Location
from services.contacts.team.model import TeamMember

MOST_OFFERED = 500
_of = contacts.c
_places: Any = Location.__table__
_team: Any = TeamMember.__table__


def _words_in(column: Any) -> Any:
    """Every word that stands in a column, by leaps along its index: the column itself has a million rows."""

    def offered(work: Any) -> list[tuple[str, str]]:
        name = column.name
        leap = text(
            f"WITH RECURSIVE words(word) AS ("
            f" (SELECT {name} FROM contacts WHERE {name} IS NOT NULL ORDER BY lower({name}), {name} LIMIT 1)"
            f" UNION ALL SELECT (SELECT {name} FROM contacts WHERE {name} IS NOT NULL AND lower({name}) > lower(word)"
            f" ORDER BY lower({name}), {name} LIMIT 1) FROM words WHERE word IS NOT NULL"
            f") SELECT word FROM words WHERE word IS NOT NULL LIMIT {MOST_OFFERED}"
        )
        return [(word, word) for word in work.session.scalars(leap)]

    return offered


def _locations(work: Any) -> list[tuple[str, str]]:
    """Those that the business has; while it has none, whatever stands on cards."""
    rows = work.session.execute(select(_places.c.key, _places.c.name).order_by(_places.c.name_key)).all()
    return [(row.key, row.name) for row in rows] or _words_in(_of.location)(work)


def _members(work: Any) -> list[tuple[str, str]]:
    rows = work.session.execute(select(_team.c.id, _team.c.name).order_by(_team.c.name, _team.c.id).limit(MOST_OFFERED))
    return [(row.id, row.name) for row in rows]


def read_member(value: str) -> str:
    found = read_id(value)
    if found is None:
        raise Unfit("The id of a team member is needed.")
    return found


def _gender(value: str) -> str:
    return tidy_gender(value) or ""


def _has_status(status: str) -> ColumnElement[bool]:
    """As it is shown: what was typed in is kept for the day that the sale is reversed."""
    if status == CONVERTED:
        return and_(_of.lead_status.is_not(None), _of.lifecycle != "lead")
    return and_(_of.lead_status == status, _of.lifecycle == "lead")


def _field(name: str, label: str, kind: str, column: Any, **options: Any) -> Field:
    return Field(name=name, label=label, type=kind, column=column, section="Profile", **options)


FIELDS = (
    _field("kind", "Kind", "choice", _of.kind, choices=KINDS),
    _field("display_name", "Name", "text", _of.display_name, remembered=True),
    _field("first_name", "First name", "text", _of.first_name, remembered=True),
    _field("last_name", "Last name", "text", _of.last_name, remembered=True),
    _field("preferred_name", "Preferred name", "text", _of.preferred_name, remembered=True),
    _field("name", "Company name", "text", _of.name, remembered=True),
    _field("birthday", "Date of birth", "birthday", _of.birthday),
    _field("age", "Age", "age", _of.birthday),
    _field("gender", "Gender", "text", _of.gender, reads=_gender),
    _field("industry", "Industry", "text", _of.industry, offers=_words_in(_of.industry)),
    _field("website", "Website", "text", _of.website),
    _field("source", "Lead source", "text", _of.source, offers=_words_in(_of.source)),
    _field("location", "Location", "text", _of.location, offers=_locations),
    _field("acquisition", "Way in", "choice", _of.acquisition, choices=ACQUISITIONS),
    _field("entered_as", "Entered as", "choice", _of.entered_as, choices=ENTERED_AS),
    _field("assigned_to", "Assigned to", "choice", _of.assigned_to, reads=read_member,
          offers=_members),
    _field("lifecycle", "Lifecycle", "choice", _of.lifecycle, choices=LIFECYCLES),
    _field("lifecycle_since", "Lifecycle since", "moment", _of.lifecycle_since),
    _field("lead_status", "Lead status", "choice", _of.lead_status, choices=LEAD_STATUSES, holds=_has_status),
    _field("standing", "Standing", "choice", _of.standing, choices=STANDINGS),
    _field("customer_since", "Customer since", "date", _of.customer_since),
    _field("membership_number", "Membership number", "text", _of.membership_number, remembered=True),
    _field("created_at", "Created", "moment", _of.created_at),
    _field("changed_at", "Last changed", "moment", _of.changed_at),
)  # fmt: skip
