"""What the row of a contact says by itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, text

from contracts.contacts.words import ACQUISITIONS, ENTERED_AS, KINDS, LEAD_STATUSES, LIFECYCLES, STANDINGS
from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.finding.rules.values import Unfit, read_id
from services.contacts.people.rules import tidy_gender
from services.contacts.team.model import TeamMember

MOST_OFFERED = 500
_of = contacts.c
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


_SECTION = "Profile"

FIELDS = (
    Field(name="kind", label="Kind", type="choice", column=_of.kind, choices=KINDS),
    Field(name="display_name", label="Name", type="text", column=_of.display_name),
    Field(name="first_name", label="First name", type="text", column=_of.first_name),
    Field(name="last_name", label="Last name", type="text", column=_of.last_name),
    Field(name="preferred_name", label="Preferred name", type="text", column=_of.preferred_name),
    Field(name="name", label="Company name", type="text", column=_of.name),
    Field(name="birthday", label="Date of birth", type="birthday", column=_of.birthday),
    Field(name="age", label="Age", type="age", column=_of.birthday),
    Field(name="gender", label="Gender", type="text", column=_of.gender, reads=_gender),
    Field(name="industry", label="Industry", type="text", column=_of.industry, offers=_words_in(_of.industry)),
    Field(name="website", label="Website", type="text", column=_of.website),
    Field(name="source", label="Lead source", type="text", column=_of.source, offers=_words_in(_of.source)),
    Field(name="location", label="Location", type="text", column=_of.location, offers=_words_in(_of.location)),
    Field(name="acquisition", label="Way in", type="choice", column=_of.acquisition, choices=ACQUISITIONS),
    Field(name="entered_as", label="Entered as", type="choice", column=_of.entered_as, choices=ENTERED_AS),
    Field(name="assigned_to", label="Assigned to", type="choice", column=_of.assigned_to, reads=read_member,
          offers=_members),
    Field(name="lifecycle", label="Lifecycle", type="choice", column=_of.lifecycle, choices=LIFECYCLES),
    Field(name="lifecycle_since", label="Lifecycle since", type="moment", column=_of.lifecycle_since),
    Field(name="lead_status", label="Lead status", type="choice", column=_of.lead_status, choices=LEAD_STATUSES),
    Field(name="standing", label="Standing", type="choice", column=_of.standing, choices=STANDINGS),
    Field(name="customer_since", label="Customer since", type="date", column=_of.customer_since),
    Field(name="membership_number", label="Membership number", type="text", column=_of.membership_number, folds=False),
    Field(name="created_at", label="Created", type="moment", column=_of.created_at),
    Field(name="changed_at", label="Last changed", type="moment", column=_of.changed_at),
)  # fmt: skip
