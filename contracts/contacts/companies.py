"""Companies and their people: who belongs where, as what, from when until when."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from contracts.contacts.introducing import Named
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Boolean, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of


class Affiliation(Schema):
    """A person's place in a company; `current` as long as `until` has not passed."""

    id = Id(required=True)
    person = fields.Nested(Named, required=True)
    company = fields.Nested(Named, required=True)
    title = fields.String(required=True)
    since = fields.Date(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    current = Boolean(required=True)
    primary = Boolean(required=True, metadata={"description": "the person's main company"})
    version = fields.Integer(required=True)
    created_at = Moment(required=True)


def _terms(**options: Any) -> dict[str, Any]:
    """What is said of a place; both days belong to it."""
    return {
        "title": Text(max=100, metadata={"description": "the role there, such as director"}),
        "since": fields.Date(**options),
        "until": fields.Date(**options),
        "primary": Boolean(),
    }


class AddCompany(Schema.from_dict(_terms(), name="Terms")):  # type: ignore[misc]
    """Seen from the person; the first current company is the primary one unless told otherwise."""

    contact_id = Id(required=True)
    company_id = Id(required=True)


class AddPerson(Schema.from_dict(_terms(), name="TermsOfPerson")):  # type: ignore[misc]
    """Seen from the company; `contact_id` is the person."""

    company_id = Id(required=True)
    contact_id = Id(required=True)


class AffiliationId(Schema):
    affiliation_id = Id(required=True)


class ChangeAffiliation(Schema.from_dict(_terms(allow_none=True), name="NewTerms")):  # type: ignore[misc]
    affiliation_id = Id(required=True)


class ListAffiliations(PageRequest):
    current = Boolean(metadata={"description": "true: only who is there now; false: only who was"})
    sort = Sort("newest", "oldest", "name", "-name")


class ListCompanies(ListAffiliations):
    contact_id = Id(required=True)


class ListPeople(ListAffiliations):
    company_id = Id(required=True)


_ADDS: dict[str, Any] = {
    "needs": "contacts.write", "gives": Affiliation, "raises": (NotFound, Merged, Conflict, Invalid),
}  # fmt: skip
_LISTS: dict[str, Any] = {
    "needs": "contacts.read", "gives": page_of(Affiliation), "raises": (NotFound, Merged, Invalid), "writes": False,
}  # fmt: skip

add_company_of_person = Rpc(
    "contacts", "add_company_of_person", takes=AddCompany, **_ADDS,
    about="Note that a person belongs to a company. The same title there twice at one time is refused.",
)  # fmt: skip
add_person_of_company = Rpc(
    "contacts", "add_person_of_company", takes=AddPerson, **_ADDS, about="The same, asked at the company.",
)  # fmt: skip
list_companies_of_person = Rpc("contacts", "list_companies_of_person", takes=ListCompanies, **_LISTS)
list_people_of_company = Rpc("contacts", "list_people_of_company", takes=ListPeople, **_LISTS)
get_affiliation = Rpc(
    "contacts", "get_affiliation", needs="contacts.read", takes=AffiliationId, gives=Affiliation, raises=(NotFound,),
    writes=False,
)  # fmt: skip
change_affiliation = Rpc(
    "contacts", "change_affiliation", needs="contacts.write", takes=ChangeAffiliation, gives=Affiliation,
    raises=(NotFound, Conflict, Invalid, Stale), about="Who leaves gets an `until`; what they were stays on record.",
)  # fmt: skip
remove_affiliation = Rpc(
    "contacts", "remove_affiliation", needs="contacts.write", takes=AffiliationId, raises=(NotFound, Conflict, Stale),
    about="Take back what was never true; who left is changed instead.",
)  # fmt: skip


class AffiliationTold(Schema):
    """Told twice, once for each side: the subject is the person, then the company."""

    affiliation_id = Id(required=True)
    person_id = Id(required=True)
    person_name = fields.String(required=True)
    company_id = Id(required=True)
    company_name = fields.String(required=True)
    title = fields.String(required=True)
    since = fields.Date(required=True, allow_none=True)
    until = fields.Date(required=True, allow_none=True)
    primary = Boolean(required=True)
    version = fields.Integer(required=True)


class AffiliationChanged(AffiliationTold):
    """`changes` is `{field: {"before": …, "after": …}}`."""

    changes = fields.Dict(keys=fields.String(), values=fields.Dict(keys=fields.String()), required=True)


_NAMES = ("person_name", "company_name", "title")
affiliation_added = Event("contacts", "affiliation.added", data=AffiliationTold, personal=_NAMES)
affiliation_changed = Event("contacts", "affiliation.changed", data=AffiliationChanged, personal=(*_NAMES, "changes"))
affiliation_removed = Event("contacts", "affiliation.removed", data=AffiliationTold, personal=_NAMES)
