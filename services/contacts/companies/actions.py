"""Noting who belongs to which company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from chassis.ids import new_id
from contracts.contacts import companies as published
from contracts.errors import Conflict, Invalid, NotFound
from contracts.language import Event
from services.contacts.companies.model import Affiliation
from services.contacts.companies.queries import affiliation_of, today_of
from services.contacts.companies.rules import TERMS, Company, is_current, read_terms
from services.contacts.contact.actions import hold_contact, hold_pair
from services.contacts.contact.model import Contact


def add_company_of_person(work: Any, request: Any) -> dict[str, Any]:
    """Note it, asked at the person."""
    person, company = hold_pair(work, request.contact_id, request.company_id, pointer="/company_id")
    return _affiliate(work, person, company, request, at="/company_id")


def add_person_of_company(work: Any, request: Any) -> dict[str, Any]:
    """Note it, asked at the company."""
    company, person = hold_pair(work, request.company_id, request.contact_id, pointer="/contact_id")
    return _affiliate(work, person, company, request, at="/contact_id")


def _affiliate(work: Any, person: Contact, company: Contact, request: Any, *, at: str) -> dict[str, Any]:
    if person.kind != "person":
        raise Invalid.field("/contact_id", "Only a person belongs to a company; this is a company itself.")
    if company.kind != "company":
        raise Invalid.field("/company_id", "This is a person, not a company.")
    terms = read_terms(request, {}, today_of(work))
    if terms["primary"] is None:
        terms["primary"] = is_current(terms["until"], today_of(work)) and not _primary_of(work, person.id)
    place = Affiliation(
        id=new_id(),
        contact_id=person.id,
        company_id=company.id,
        version=1,
        created_at=work.now,
        created_by=work.actor.id,
    )
    _refuse_twice(work, place, terms, at=at)
    _keep(work, place, terms)
    work.session.add(place)
    work.session.flush()
    _tell(work, published.affiliation_added, place)
    return affiliation_of(work, place.id)


def add_affiliations(work: Any, places: Sequence[tuple[str, str, Company, str]]) -> list[dict[str, Any]]:
    """Note many new places, each (person id, person name, company, title) of a person who is held.

    The first place of a person is the primary one, as if each were noted by itself.
    """
    if not places:
        return []
    wanted = {person_id for person_id, *_ in places}
    having = sa.select(Affiliation.contact_id).where(Affiliation.contact_id.in_(wanted), Affiliation.is_primary)
    primary = set(work.session.scalars(having))
    rows, told = [], []
    for person_id, person_name, company, title in places:
        row = {
            "id": new_id(), "contact_id": person_id, "company_id": company.id, "title": title, "since": None,
            "until": None, "is_primary": person_id not in primary, "version": 1, "created_at": work.now,
            "created_by": work.actor.id,
        }  # fmt: skip
        primary.add(person_id)
        rows.append(row)
        told += _both_sides(row, person_name, company.name)
    work.session.execute(sa.insert(Affiliation.__table__), rows)
    work.record_many(published.affiliation_added, told)
    return rows


def take_affiliations_back(work: Any, ids: Sequence[str]) -> set[str]:
    """Take back those that nobody changed since they were noted; tell which are gone."""
    if not ids:
        return set()
    table, person, company = Affiliation.__table__, aliased(Contact), aliased(Contact)
    named = sa.select(table, person.display_name.label("person_name"), company.display_name.label("company_name"))
    named = named.join(person, person.id == table.c.contact_id).join(company, company.id == table.c.company_id)
    rows = work.session.execute(named.where(table.c.id.in_(ids), table.c.version == 1)).mappings().all()
    work.session.execute(sa.delete(table).where(table.c.id.in_([row["id"] for row in rows])))
    told = [one for row in rows for one in _both_sides(row, row["person_name"], row["company_name"])]
    work.record_many(published.affiliation_removed, told)
    return {row["id"] for row in rows}


def _both_sides(row: Mapping[str, Any], person_name: str, company_name: str) -> list[tuple[str, dict[str, Any]]]:
    told = {
        "affiliation_id": row["id"], "person_id": row["contact_id"], "person_name": person_name,
        "company_id": row["company_id"], "company_name": company_name, "version": row["version"],
        "title": row["title"], "since": row["since"], "until": row["until"], "primary": row["is_primary"],
    }  # fmt: skip
    return [(row["contact_id"], told), (row["company_id"], told)]


def change_affiliation(work: Any, request: Any) -> dict[str, Any]:
    """Change what is given; changing nothing makes no new version and tells nothing."""
    place = _held(work, request.affiliation_id)
    work.expect(place.version)
    known = _terms_of(place)
    terms = read_terms(request, known, today_of(work))
    changes = {
        name: {"before": _plain(known[name]), "after": _plain(terms[name])}
        for name in TERMS
        if known[name] != terms[name]
    }
    if changes:
        _refuse_twice(work, place, terms, at=f"/{next(iter(changes))}")
        _keep(work, place, terms)
        place.version += 1
        work.session.flush()
        _tell(work, published.affiliation_changed, place, changes=changes)
    return affiliation_of(work, place.id)


def remove_affiliation(work: Any, request: Any) -> dict[str, Any]:
    """Take it back, as something that was never true."""
    place = _held(work, request.affiliation_id)
    work.expect(place.version)
    _tell(work, published.affiliation_removed, place)
    work.session.delete(place)
    return {}


def _held(work: Any, affiliation_id: str) -> Affiliation:
    """The row, behind the lock of its person, who may not be archived."""
    hold_contact(work, affiliation_of(work, affiliation_id)["person"]["id"])
    place = work.session.get(Affiliation, affiliation_id, populate_existing=True)
    if place is None:
        raise NotFound("There is no such place of a person in a company.")
    return place


def _keep(work: Any, place: Affiliation, terms: dict[str, Any]) -> None:
    if terms["primary"] and not place.is_primary:
        _give_up_primary(work, place.contact_id)
    place.title, place.since, place.until, place.is_primary = (terms[name] for name in TERMS)


def _give_up_primary(work: Any, person_id: str) -> None:
    """The place that was the primary one, if any, is it no more."""
    primary = sa.select(Affiliation).where(Affiliation.contact_id == person_id, Affiliation.is_primary)
    for place in work.session.scalars(primary):
        place.is_primary = False
        place.version += 1
        work.session.flush()
        _tell(work, published.affiliation_changed, place, changes={"primary": {"before": True, "after": False}})


def _refuse_twice(work: Any, place: Affiliation, terms: dict[str, Any], *, at: str) -> None:
    """Refuse the same title at the same company twice at one time."""
    same = sa.select(Affiliation.id).where(
        Affiliation.contact_id == place.contact_id,
        Affiliation.company_id == place.company_id,
        Affiliation.id != place.id,
        sa.func.lower(Affiliation.title) == terms["title"].lower(),
    )
    if terms["since"]:
        same = same.where(sa.or_(Affiliation.until.is_(None), Affiliation.until >= terms["since"]))
    if terms["until"]:
        same = same.where(sa.or_(Affiliation.since.is_(None), Affiliation.since <= terms["until"]))
    found = work.session.scalar(same.limit(1))
    if found:
        raise Conflict.field(at, "The same place, at the same time, is noted already.", existing_id=found)


def _primary_of(work: Any, contact_id: str) -> str | None:
    wanted = sa.select(Affiliation.id).where(Affiliation.contact_id == contact_id, Affiliation.is_primary)
    return work.session.scalar(wanted)


def _terms_of(place: Affiliation) -> dict[str, Any]:
    return {"title": place.title, "since": place.since, "until": place.until, "primary": place.is_primary}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _tell(work: Any, event: Event, place: Affiliation, **more: Any) -> None:
    """Tell both sides; each finds it on their own timeline."""
    shown = affiliation_of(work, place.id)
    told = {
        "affiliation_id": place.id,
        "person_id": place.contact_id,
        "person_name": shown["person"]["display_name"],
        "company_id": place.company_id,
        "company_name": shown["company"]["display_name"],
        "version": place.version,
        **_terms_of(place),
        **more,
    }
    work.record_many(event, [(place.contact_id, told), (place.company_id, told)])
