"""Who belongs to which company."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from chassis.pages import page_of
from contracts.errors import NotFound
from services.contacts.companies.model import Affiliation
from services.contacts.companies.rules import is_current
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact
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
    keys = {"newest": [_places.c.id.desc()], "name": [other_side.c.sort_name, _places.c.id]}[request.sort]
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
