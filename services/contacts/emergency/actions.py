"""Writing down whom to call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts import emergency as published
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from contracts.language import Event
from services.contacts.card.actions import entering
from services.contacts.card.actions.introducing import introduce
from services.contacts.consent.actions import agreement, keep_consents
from services.contacts.contact.actions import hold_contact, hold_pair
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import refuse_out_of_reach
from services.contacts.emergency.model import EmergencyContact
from services.contacts.emergency.queries import emergency_contact_of
from services.contacts.emergency.rules import names_of, numbers_of
from services.contacts.people.model import Phone
from services.contacts.settings.queries import setting

Row = dict[str, Any]
MOST = 20
"""So many emergency contacts at most has one contact."""


def create_contact(work: Any, request: Any) -> dict[str, Any]:
    """Enter a contact by hand, and with them whom to call: all or nothing."""
    if not request.emergency_contacts:
        return entering.create_contact(work, request)
    work.actor.permit("emergency.write")
    made = entering.create_contact(work, request)
    contact, agreed = hold_contact(work, made["id"]), agreement(work, request.consent)
    for n, given in enumerate(request.emergency_contacts):
        try:
            _write_down(work, contact, given, agreed, None)
        except Problem as refusal:
            pointer = f"/emergency_contacts/{n}"
            told = [{**error, "pointer": pointer + error["pointer"]} for error in refusal.errors]
            refusal.errors = told or [{"pointer": pointer, "detail": refusal.detail}]
            raise
    return made


def add_emergency_contact(work: Any, request: Any) -> dict[str, Any]:
    """Write down somebody to call; they may be a contact already, or become one."""
    refuse_out_of_reach(work, request.contact_id)
    contact, person = _held_with(work, request.contact_id, request.person_id)
    agreed = agreement(work, request.consent)
    somebody = _write_down(work, contact, request, agreed, person)
    return emergency_contact_of(work, somebody.id)


def _write_down(
    work: Any, contact: Contact, request: Any, agreed: dict[str, Any], person: Contact | None
) -> EmergencyContact:
    name = request.name or (person and person.display_name)
    if not name:
        raise Invalid.field("/name", "Whom to call?")
    phones = (
        numbers_of(request.phones, setting(work, "default_region"))
        if request.phones
        else _numbers_of_contact(work, person)
    )
    if not phones:
        raise Invalid.field("/phones", "A number to call is needed.")
    person_id = person.id if person else None
    _refuse_twice(work, contact.id, name, person_id)
    if request.create_contact and person is None:
        person_id = _entered(work, contact, name, request.phones)
    somebody = EmergencyContact(
        id=new_id(),
        contact_id=contact.id,
        name=name,
        relationship=request.relationship,
        phones=phones,
        person_id=person_id,
        version=1,
        created_at=work.now,
        created_by=work.actor.id,
    )
    work.session.add(somebody)
    work.session.flush()
    _keep_word(work, contact.id, agreed)
    _tell(work, published.emergency_contact_added, somebody)
    return somebody


def add_emergency_contacts(work: Any, whom: Mapping[str, Sequence[Mapping[str, Any]]], *, how: str) -> list[Row]:
    """Write down many for many who are held, each {name relationship phones}, as an import brings them.

    Who has as many as one may have, gets no more.
    """
    rows = [
        {
            "id": new_id(), "contact_id": contact_id, "person_id": None, "version": 1, "created_at": work.now,
            "created_by": work.actor.id, **somebody,
        }
        for contact_id, several in whom.items()
        for somebody in several[:MOST]
    ]  # fmt: skip
    known = dict.fromkeys(whom, 0) | _counted(work, whom)
    kept = []
    for row in rows:
        known[row["contact_id"]] += 1
        if known[row["contact_id"]] <= MOST:
            kept.append(row)
    if not kept:
        return []
    work.session.execute(sa.insert(EmergencyContact.__table__), kept)
    work.record_many(published.emergency_contact_added, [(row["contact_id"], _told(row)) for row in kept])
    lines = [
        {"contact_id": contact_id, "about": "emergency_contacts", "granted": True, "how": how, "said_at": work.now}
        for contact_id in dict.fromkeys(row["contact_id"] for row in kept)
    ]
    keep_consents(work, lines, source="import")
    return kept


def take_emergency_contacts_back(work: Any, ids: Sequence[str]) -> set[str]:
    """Take off the list whom nobody changed since; tell which are gone."""
    table = EmergencyContact.__table__
    untouched = table.c.id.in_(ids), table.c.version == 1
    gone = work.session.execute(sa.delete(table).where(*untouched).returning(*table.c)).mappings().all() if ids else []
    work.record_many(published.emergency_contact_removed, [(row["contact_id"], _told(row)) for row in gone])
    return {row["id"] for row in gone}


def change_emergency_contact(work: Any, request: Any) -> dict[str, Any]:
    """Change what is given; changing nothing makes no new version, needs no consent and tells nothing."""
    somebody, contact, person = _held(work, request)
    work.expect(somebody.version)
    changed = {name: request[name] for name in ("name", "relationship") if name in request}
    if request.phones:
        changed["phones"] = numbers_of(request.phones, setting(work, "default_region"))
    if "person_id" in request:
        changed["person_id"] = person.id if person else None
    changed = {name: value for name, value in changed.items() if getattr(somebody, name) != value}
    if not changed:
        return emergency_contact_of(work, somebody.id)
    agreed = agreement(work, request.consent)
    _refuse_twice(work, contact.id, changed.get("name"), changed.get("person_id"), besides=somebody.id)
    changes = set_on(somebody, changed)
    somebody.version += 1
    work.session.flush()
    _keep_word(work, contact.id, agreed)
    _tell(work, published.emergency_contact_changed, somebody, changes=changes)
    return emergency_contact_of(work, somebody.id)


def remove_emergency_contact(work: Any, request: Any) -> dict[str, Any]:
    """Take somebody off the list; if they became a contact, they stay one."""
    somebody, contact, _ = _held(work, request)
    work.expect(somebody.version)
    consent = {name: request[name] for name in ("how", "when", "note") if name in request}
    if work.actor.role != "member" and not {"how", "when"} <= consent.keys():
        detail = "Say how and when the contact agreed."
        raise Invalid(detail, [{"pointer": f"/{name}", "detail": detail} for name in ("how", "when")])
    _keep_word(work, contact.id, agreement(work, consent, pointer=""))
    _tell(work, published.emergency_contact_removed, somebody)
    work.session.delete(somebody)
    return {}


def _held(work: Any, request: Any) -> tuple[EmergencyContact, Contact, Contact | None]:
    """The row, behind the lock of its contact, who is within reach and active, and the person asked for."""
    known = emergency_contact_of(work, request.emergency_contact_id)
    contact, person = _held_with(work, known["contact_id"], request.get("person_id"))
    somebody = work.session.get(EmergencyContact, request.emergency_contact_id, populate_existing=True)
    if somebody is None:
        raise NotFound("There is no such emergency contact.")
    return somebody, contact, person


def _held_with(work: Any, contact_id: str, person_id: str | None) -> tuple[Contact, Contact | None]:
    """The contact and, if named, the person to call, held in one go: two may name each other at once."""
    if person_id is None:
        return hold_contact(work, contact_id), None
    if work.actor.role == "member":
        raise Forbidden("Who is a contact already, only the team may say.")
    contact, person = hold_pair(work, contact_id, person_id, pointer="/person_id")
    if person.id == contact.id:
        raise Invalid.field("/person_id", "Nobody is called in their own emergency.")
    return contact, person


def _numbers_of_contact(work: Any, person: Contact | None) -> list[dict[str, str]]:
    if person is None:
        return []
    wanted = sa.select(Phone.value, Phone.as_typed, Phone.label).where(Phone.contact_id == person.id)
    return [dict(row._mapping) for row in work.session.execute(wanted.order_by(Phone.position))]


def _entered(work: Any, contact: Contact, name: str, phones: Any) -> str | None:
    """Enter them; a member is not told whether they were known before, and nobody is entered twice."""
    given = {**names_of(name), "phones": phones}
    try:
        return introduce(work, given, by=contact, acquisition="emergency_contact", pointer="")
    except Conflict:
        if work.actor.role == "member":
            return None
        raise


def _refuse_twice(
    work: Any, contact_id: str, name: str | None, person_id: str | None, *, besides: str | None = None
) -> None:
    known = sa.select(EmergencyContact).where(EmergencyContact.contact_id == contact_id)
    others = [one for one in work.session.scalars(known) if one.id != besides]
    for one in others:
        named = name and one.name.casefold() == name.casefold()
        if named or (person_id and one.person_id == person_id):
            at = "/name" if named else "/person_id"
            raise Conflict.field(at, "They are an emergency contact already.", existing_id=one.id)
    if besides is None and len(others) >= MOST:
        raise Conflict(f"A contact has at most {MOST} emergency contacts.")


def _keep_word(work: Any, contact_id: str, agreed: dict[str, Any]) -> None:
    line = {"contact_id": contact_id, "about": "emergency_contacts", "granted": True, **agreed}
    keep_consents(work, [line], source="emergency_contacts")


def _counted(work: Any, contact_ids: Iterable[str]) -> dict[str, int]:
    of = EmergencyContact.contact_id
    counted = sa.select(of, sa.func.count()).where(of.in_(list(contact_ids))).group_by(of)
    return {row[0]: row[1] for row in work.session.execute(counted)}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    same = {name: row[name] for name in ("name", "relationship", "person_id", "version")}
    return {"emergency_contact_id": row["id"], **same}


def _tell(work: Any, event: Event, somebody: EmergencyContact, **more: Any) -> None:
    told = {name: getattr(somebody, name) for name in ("name", "relationship", "person_id", "version")}
    work.record(event, somebody.contact_id, emergency_contact_id=somebody.id, **told, **more)
