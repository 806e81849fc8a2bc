"""Groups, companies and ids of other systems: what a contact belongs to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import literal, select

from services.contacts.companies.model import Affiliation
from services.contacts.contact.model import Contact
from services.contacts.contact.rules import fold
from services.contacts.external_ids.model import ExternalId
from services.contacts.finding.queries.fields import Field, contacts
from services.contacts.finding.queries.sources.naming import Named
from services.contacts.groups.model import Group, GroupMember
from services.contacts.settings.rules import compared

MOST_OFFERED = 500
_groups: Any = Group.__table__
_members: Any = GroupMember.__table__
_affiliations: Any = Affiliation.__table__
_external_ids: Any = ExternalId.__table__
_companies: Any = Contact.__table__.alias("company")


def _of(table: Any) -> Any:
    return select(literal(1)).select_from(table).where(table.c.contact_id == contacts.c.id)


def _offered_groups(work: Any) -> list[tuple[str, str]]:
    rows = select(_groups.c.id, _groups.c.name).where(_groups.c.deleted_at.is_(None)).order_by(_groups.c.name_key)
    return [(row.id, row.name) for row in work.session.execute(rows.limit(MOST_OFFERED))]


FIELDS = (
    Field(
        name="groups", label="Groups", type="set", section="Tags and groups", column=_members.c.group_id,
        through=_of(_members), among=Named(_members.c.group_id, _groups.c.id, _groups.c.name_key, compared),
        offers=_offered_groups,
    ),
    Field(
        name="company", label="Company", type="set", section="Company", column=_affiliations.c.company_id,
        through=_of(_affiliations), until=_affiliations.c.until,
        among=Named(_affiliations.c.company_id, _companies.c.id, _companies.c.sort_name, fold),
    ),
    Field(
        name="company_role", label="Role in a company", type="text", section="Company", column=_affiliations.c.title,
        through=_of(_affiliations).where(_affiliations.c.title != ""), until=_affiliations.c.until,
    ),
    Field(
        name="external_id", label="Id in another system", type="text", section="Other systems",
        column=_external_ids.c.value, through=_of(_external_ids), folds=False,
    ),
    Field(
        name="external_system", label="Known to the system", type="text", section="Other systems",
        column=_external_ids.c.system, through=_of(_external_ids), folds=False,
    ),
)  # fmt: skip
