"""Putting tags on contacts and taking them off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.ids import new_id
from contracts.contacts import tags as published
from contracts.errors import Conflict, Invalid
from services.contacts.contact.actions import hold_contact
from services.contacts.tags.model import ContactTag, Tag
from services.contacts.tags.queries import names_of
from services.contacts.tags.rules import SYSTEM_TAGS, as_shown, key_of

_tags, _contact_tags = Tag.__table__, ContactTag.__table__


def add_tag(work: Any, request: Any) -> dict[str, Any]:
    """Put a tag on a contact; one that it has already is no event."""
    key = _for_hands(request.tag)
    contact = hold_contact(work, request.contact_id)
    added = add_tags(work, {contact.id: [request.tag]})
    return {"contact_id": contact.id, "tags": names_of(work, contact.id), "changed": key in added.get(contact.id, {})}


def remove_tag(work: Any, request: Any) -> dict[str, Any]:
    """Take a tag off a contact."""
    key = _for_hands(request.tag, taking_off=True)
    contact = hold_contact(work, request.contact_id)
    tag = work.session.execute(sa.select(Tag).where(Tag.key == key, Tag.system.is_(False))).scalar_one_or_none()
    taken = (
        tag is not None
        and work.session.execute(
            sa.delete(ContactTag)
            .where(ContactTag.contact_id == contact.id, ContactTag.tag_id == tag.id)
            .returning(ContactTag.tag_id)
        ).first()
    )
    if taken:
        work.record(published.contact_untagged, contact.id, tag=tag.name)
    return {"contact_id": contact.id, "tags": names_of(work, contact.id), "changed": bool(taken)}


def add_tags(work: Any, names: Mapping[str, Iterable[str]]) -> dict[str, dict[str, str]]:
    """Put tags on many contacts at once; tell what was new: contact id → key → name as shown.

    Only what was new is announced.
    """
    wanted = {(contact, key_of(name)): as_shown(name) for contact, several in names.items() for name in several}
    if not wanted:
        return {}
    tags = _defined(work, {key: name for (_, key), name in wanted.items()})
    rows = [
        {"contact_id": contact, "tag_id": tags[key].id, "tagged_at": work.now} for contact, key in sorted(wanted)
    ]  # fmt: skip
    new = work.session.execute(
        insert(_contact_tags).on_conflict_do_nothing().returning(_contact_tags.c.contact_id, _contact_tags.c.tag_id),
        rows,
    ).all()
    by_id = {tag.id: tag for tag in tags.values()}
    added: dict[str, dict[str, str]] = {}
    for contact, tag_id in new:
        tag = by_id[tag_id]
        added.setdefault(contact, {})[tag.key] = tag.name
        work.record(published.contact_tagged, contact, tag=tag.name)
    return added


def remove_tags(work: Any, keys: Mapping[str, Iterable[str]]) -> None:
    """Take the business' own tags off many contacts at once: contact id → keys; what is not there is left out."""
    wanted = [(contact, key) for contact, several in keys.items() for key in several]
    if not wanted:
        return
    tags = _by_key(work, {key: key for _, key in wanted})
    pairs = [(contact, tags[key].id) for contact, key in wanted if key in tags]
    mine = sa.tuple_(_contact_tags.c.contact_id, _contact_tags.c.tag_id).in_(pairs)
    taken = work.session.execute(
        sa.delete(_contact_tags).where(mine).returning(_contact_tags.c.contact_id, _contact_tags.c.tag_id)
    ).all()
    names = {tag.id: tag.name for tag in tags.values()}
    work.record_many(published.contact_untagged, [(row.contact_id, {"tag": names[row.tag_id]}) for row in taken])


def _defined(work: Any, names: Mapping[str, str]) -> dict[str, Any]:
    """Give the tags of these keys, made where there are none; always in one order, so that no two wait crosswise."""
    found = _by_key(work, names)
    missing = [key for key in sorted(names) if key not in found]
    if missing:
        rows = [{"id": new_id(), "name": names[key], "key": key} for key in missing]
        work.session.execute(insert(_tags).on_conflict_do_nothing(), rows)
        found = _by_key(work, names)
    return found


def _by_key(work: Any, names: Mapping[str, str]) -> dict[str, Any]:
    select = sa.select(_tags.c.id, _tags.c.key, _tags.c.name)
    rows = work.session.execute(select.where(_tags.c.key.in_(list(names)), _tags.c.system.is_(False)))
    return {row.key: row for row in rows}


def _for_hands(name: str, *, taking_off: bool = False) -> str:
    key = key_of(name)
    if not key:
        raise Invalid.field("/tag", "A tag needs letters.")
    if key in SYSTEM_TAGS and not taking_off:
        detail = f"“{name}” is put on and taken off by the system."
        raise Conflict(detail, [{"pointer": "/tag", "detail": detail}])
    return key
