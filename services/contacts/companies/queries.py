"""Who belongs to which company."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, page_of
from contracts.errors import NotFound
from services.contacts.companies.model import Affiliation
from services.contacts.companies.rules import Company, is_current
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact
from services.contacts.contact.rules import fold
from services.contacts.settings.queries import business_zone

_places: Any = Affiliation.__table__
_people: Any = Contact.__table__.alias("people")
_companies: Any = Contact.__table__.alias("companies")
_PLACES = (
    sa.select(
        *_places.c,
        *(_people.c[name].label(f"person_{name}") for name in ("display_name", "standing")),
        *(_companies.c[name].label(f"company_{name}") for name in ("display_name", "standing")),
    )
    .join_from(_places, _people, _people.c.id == _places.c.contact_id)
    .join(_companies, _companies.c.id == _places.c.company_id)
)


def list_companies_of_person(work: Any, request: Any) -> dict[str, Any]:
    contact_id = known_contact(work, request.contact_id)
    return _page(work, _PLACES.where(_places.c.contact_id == contact_id), _companies, request)


def list_people_of_company(work: Any, request: Any) -> dict[str, Any]:
    company_id = known_contact(work, request.company_id)
    return _page(work, _PLACES.where(_places.c.company_id == company_id), _people, request)


def companies_named(work: Any, names: Iterable[str]) -> dict[str, Company]:
    """The active companies of these names, by the folded name; of several of one name the oldest."""
    wanted = sorted({fold(name) for name in names})
    if not wanted:
        return {}
    here = Contact.standing == "active", Contact.kind == "company", Contact.sort_name.in_(wanted)
    rows = work.session.execute(sa.select(Contact.id, Contact.display_name, Contact.sort_name).where(*here))
    oldest_last = sorted(rows, key=lambda row: row.id, reverse=True)
    return {row.sort_name: Company(row.id, row.display_name) for row in oldest_last}


def companies_of(work: Any, contact_ids: Sequence[str]) -> dict[str, set[str]]:
    """To which companies each of these people belongs, or belonged."""
    found: dict[str, set[str]] = defaultdict(set)
    wanted = sa.select(Affiliation.contact_id, Affiliation.company_id).where(Affiliation.contact_id.in_(contact_ids))
    for contact_id, company_id in work.session.execute(wanted):
        found[contact_id].add(company_id)
    return found


def get_affiliation(work: Any, request: Any) -> dict[str, Any]:
    return affiliation_of(work, request.affiliation_id)


def affiliation_of(work: Any, affiliation_id: str) -> dict[str, Any]:
    row = work.session.execute(_PLACES.where(_places.c.id == affiliation_id)).one_or_none()
    if row is None:
        raise NotFound("Nobody has this place in a company.")
    return _shown(row, today_of(work))


def today_of(work: Any) -> dt.date:
    """The day at the business."""
    return work.now.astimezone(business_zone(work)).date()


def _page(work: Any, statement: sa.Select[Any], other_side: Any, request: Any) -> dict[str, Any]:
    today = today_of(work)
    here = sa.or_(_places.c.until.is_(None), _places.c.until >= today)
    if request.current is not None:
        statement = statement.where(here if request.current else sa.not_(here))
    keys = keys_for(request.sort, oldest=[_places.c.id], name=[other_side.c.sort_name, _places.c.id])
    page = page_of(work, statement, keys, request)
    return {**page, "items": [_shown(row, today) for row in page["items"]]}


def _shown(row: sa.Row[Any], today: dt.date) -> dict[str, Any]:
    place = dict(row._mapping)
    sides = {"person": "contact_id", "company": "company_id"}
    return {
        **place,
        **{
            side: {
                "id": place[key],
                "display_name": place[f"{side}_display_name"],
                "standing": place[f"{side}_standing"],
            }
            for side, key in sides.items()
        },
        "primary": place["is_primary"],
        "current": is_current(place["until"], today),
    }
