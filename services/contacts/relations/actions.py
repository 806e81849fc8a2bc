"""Relating two contacts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import relations as published
from contracts.errors import Conflict, Invalid, NotFound
from contracts.language import Event
from services.contacts.contact.actions import hold_contacts, why_not_changeable
from services.contacts.contact.model import Contact
from services.contacts.relations.model import Relation
from services.contacts.relations.queries import relation_of
from services.contacts.relations.rules import inverse_of, role_of


def relate(work: Any, contact: Contact, other: Contact, *, kind: str, role: str | None, note: str | None) -> Any:
    """Relate two who are held; `role` is what the other is to the contact."""
    if contact.id == other.id:
        raise Invalid.field("/related_id", "Nobody is related to themselves.")
    role = role_of(kind, role, contact_is=contact.kind, related_is=other.kind)
    _refuse_twice(work, contact.id, other.id, kind)
    relation = Relation(
        id=new_id(),
        contact_id=contact.id,
        related_id=other.id,
        kind=kind,
        role=role,
        note=note,
        version=1,
        created_at=work.now,
        created_by=work.actor.id,
    )
    work.session.add(relation)
    work.session.flush()
    _tell(work, published.relation_added, relation)
    return relation_of(work, contact.id, relation.id)


def change_relation(work: Any, request: Any) -> dict[str, Any]:
    """Change what one is to the other; changing nothing makes no new version and tells nothing."""
    relation, contact, other = _held(work, request)
    work.expect(relation.version)
    known = relation_of(work, contact.id, relation.id)
    kind = request.get("kind", relation.kind)
    asked = request.role or (known["role"] if kind == relation.kind else None)
    role = role_of(kind, asked, contact_is=contact.kind, related_is=other.kind)
    note = request.get("note", relation.note)
    if (kind, role, note) == (relation.kind, known["role"], relation.note):
        return known
    if kind != relation.kind:
        _refuse_twice(work, contact.id, other.id, kind)
    stands_first = relation.contact_id == contact.id
    before = _both_views(work, relation)
    relation.kind, relation.note = kind, note
    relation.role = role if stands_first else inverse_of(kind, role)
    relation.version += 1
    work.session.flush()
    _tell(work, published.relation_changed, relation, before)
    return relation_of(work, contact.id, relation.id)


def remove_relation(work: Any, request: Any) -> dict[str, Any]:
    """Take a relation away, whatever became of the other contact."""
    relation, *_ = _held(work, request)
    work.expect(relation.version)
    _tell(work, published.relation_removed, relation)
    work.session.delete(relation)
    return {}


def _held(work: Any, request: Any) -> tuple[Relation, Contact, Contact]:
    """The row behind the locks of its two sides, of whom the one that is asked has to be active."""
    if problem := why_not_changeable(work.session.get(Contact, request.contact_id)):
        raise problem
    other_id = relation_of(work, request.contact_id, request.relation_id)["related"]["id"]
    held = hold_contacts(work, [request.contact_id, other_id])
    if problem := why_not_changeable(held.get(request.contact_id)):
        raise problem
    relation = work.session.get(Relation, request.relation_id, populate_existing=True)
    if relation is None:
        raise NotFound("This contact has no such relation.")
    return relation, held[request.contact_id], held[other_id]


def _refuse_twice(work: Any, one: str, other: str, kind: str) -> None:
    pair = sorted((one, other))
    same = sa.select(Relation.id).where(
        sa.func.least(Relation.contact_id, Relation.related_id) == pair[0],
        sa.func.greatest(Relation.contact_id, Relation.related_id) == pair[1],
        Relation.kind == kind,
    )
    if found := work.session.scalar(same):
        raise Conflict.field("/kind", f"These two have a relation of the kind {kind} already.", existing_id=found)


def _both_views(work: Any, relation: Relation) -> dict[str, dict[str, Any]]:
    """The relation as each of the two sees it."""
    sides = (relation.contact_id, relation.related_id)
    return {contact_id: relation_of(work, contact_id, relation.id) for contact_id in sides}


def _tell(work: Any, event: Event, relation: Relation, before: dict[str, Any] | None = None) -> None:
    """Tell both sides, each as they see it, and how they saw it `before` a change."""
    told = []
    for contact_id, shown in _both_views(work, relation).items():
        told.append(
            (
                contact_id,
                {
                    "relation_id": relation.id,
                    "contact_name": shown["contact"]["display_name"],
                    "related_id": shown["related"]["id"],
                    "related_name": shown["related"]["display_name"],
                    **{name: shown[name] for name in ("kind", "role", "version")},
                    **({"changes": _changes(before[contact_id], shown)} if before else {}),
                },
            )
        )
    work.record_many(event, told)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, Any]]:
    names = [name for name in ("kind", "role", "note") if before[name] != after[name]]
    return {name: {"before": before[name], "after": after[name]} for name in names}
