"""Relations, seen from either side; and whether two are related, for whoever needs to know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from chassis.pages import keys_for, narrowed, page_of
from contracts.contacts.words import RELATIONS
from contracts.errors import NotFound
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact
from services.contacts.relations.model import Relation, SharedSeat
from services.contacts.relations.rules import inverse_of

_relations: Any = Relation.__table__
_seats: Any = SharedSeat.__table__
_ones: Any = Contact.__table__.alias("ones")
_others: Any = Contact.__table__.alias("others")
_SIDES = (_relations.c.contact_id, _relations.c.related_id)
_BOTH = (
    sa.select(
        *_relations.c,
        *(
            side.c[name].label(f"{side.name}_{name}")
            for side in (_ones, _others)
            for name in ("display_name", "standing")
        ),
    )
    .join_from(_relations, _ones, _ones.c.id == _relations.c.contact_id)
    .join(_others, _others.c.id == _relations.c.related_id)
)


def related(work: Any, one: str, other: str, kinds: Collection[str] = tuple(RELATIONS)) -> bool:
    """Whether two contacts have a relation of one of these kinds, whoever stands first."""
    either = sa.or_(
        sa.and_(_relations.c.contact_id == one, _relations.c.related_id == other),
        sa.and_(_relations.c.contact_id == other, _relations.c.related_id == one),
    )
    return work.session.scalar(sa.select(sa.exists().where(either, _relations.c.kind.in_(list(kinds)))))


def relatives_of(work: Any, contact_id: str, kinds: Collection[str] = tuple(RELATIONS)) -> dict[str, set[str]]:
    """Everybody who has a relation of one of these kinds to a contact, with what they are to that contact."""
    found: dict[str, set[str]] = {}
    for row in work.session.execute(_touching(contact_id).where(_relations.c.kind.in_(list(kinds)))):
        shown = seen_from(contact_id, row._mapping)
        found.setdefault(shown["related"]["id"], set()).add(shown["role"])
    return found


def list_relations(work: Any, request: Any) -> dict[str, Any]:
    """List a contact's relations, whoever entered them from whichever side."""
    contact_id = known_contact(work, request.contact_id)
    statement = _touching(contact_id)
    statement = narrowed(statement, request, _relations.c.kind)
    if request.related_id is not None:
        statement = statement.where(sa.or_(*(side == request.related_id for side in _SIDES)))
    page = page_of(work, statement, keys_for(request.sort, oldest=[_relations.c.id]), request)
    return {**page, "items": _with_shares(work, contact_id, page["items"])}


def get_relation(work: Any, request: Any) -> dict[str, Any]:
    return relation_of(work, known_contact(work, request.contact_id), request.relation_id)


def relation_of(work: Any, contact_id: str, relation_id: str) -> dict[str, Any]:
    """A relation of this very contact, seen from there."""
    row = work.session.execute(_touching(contact_id).where(_relations.c.id == relation_id)).one_or_none()
    if row is None:
        raise NotFound("This contact has no such relation.")
    [relation] = _with_shares(work, contact_id, [row])
    return relation


def _with_shares(work: Any, contact_id: str, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Relations as the contact sees them, each with the memberships that both use."""
    shares = _shares_of(work, contact_id) if rows else []
    relations = [seen_from(contact_id, row._mapping) for row in rows]
    for relation in relations:
        of_both = [share for share in shares if relation["related"]["id"] in share["used_by"]]
        relation["shared_memberships"] = of_both
    return relations


def _shares_of(work: Any, contact_id: str) -> list[dict[str, Any]]:
    """The shared memberships that a contact uses or pays for, each with all who use it."""
    theirs = sa.or_(_seats.c.contact_id == contact_id, _seats.c.owner_id == contact_id)
    used = sa.select(_seats.c.subscription_id).where(theirs, ~_seats.c.left)
    seats = sa.select(_seats).where(_seats.c.subscription_id.in_(used), ~_seats.c.left)
    shares: dict[str, dict[str, Any]] = {}
    for seat in work.session.execute(seats.order_by(_seats.c.subscription_id, _seats.c.told_at)):
        told = {"subscription_id": seat.subscription_id, "name": seat.name, "owner_id": seat.owner_id}
        share = shares.setdefault(seat.subscription_id, {"used_by": {seat.owner_id}})
        share.update(told)
        share["used_by"].add(seat.contact_id)
    return list(shares.values())


def seen_from(contact_id: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a row so that the contact stands first."""
    one = {"id": row["contact_id"], "display_name": row["ones_display_name"], "standing": row["ones_standing"]}
    other = {"id": row["related_id"], "display_name": row["others_display_name"], "standing": row["others_standing"]}
    role, inverse = row["role"], inverse_of(row["kind"], row["role"])
    if contact_id != one["id"]:
        one, other, role, inverse = other, one, inverse, role
    return {**row, "contact": one, "related": other, "role": role, "inverse_role": inverse}


def _touching(contact_id: str) -> sa.Select[Any]:
    return _BOTH.where(sa.or_(_relations.c.contact_id == contact_id, _relations.c.related_id == contact_id))
