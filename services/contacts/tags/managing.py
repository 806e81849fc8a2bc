"""The tags themselves: made, called otherwise, merged and deleted by whoever manages the settings."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from chassis.ids import new_id
from chassis.rows import set_on
from contracts.contacts import tags as published
from contracts.errors import Conflict, Invalid, NotFound, named_at
from services.contacts.tags.model import ContactTag, Tag
from services.contacts.tags.queries import carriers_of
from services.contacts.tags.rules import as_shown, key_for_hands, not_for_hands

CONTACTS_A_STEP = 1000
_worn: Any = ContactTag.__table__


def create_tag(work: Any, request: Any) -> Tag:
    """Define a tag that nobody has yet."""
    key, name = key_for_hands(request.name, "/name"), as_shown(request.name)
    new = insert(Tag).values(id=new_id(), name=name, key=key).on_conflict_do_nothing()
    tag = work.session.scalar(new.returning(Tag))
    if tag is None:
        raise _name_taken(work, key, name)
    work.record(published.tag_created, None, tag_id=tag.id, name=tag.name, before=None)
    return tag


def rename_tag(work: Any, request: Any) -> Tag:
    """Call a tag otherwise for everybody who has it."""
    tag = _held(work, request.tag_id)
    work.expect(tag.version)
    wanted = tag.name if request.name is None else request.name
    key, name = key_for_hands(wanted, "/name"), as_shown(wanted)
    if name == tag.name:
        return tag
    before = tag.name
    try:
        with work.session.begin_nested():
            changes, tag.key = set_on(tag, {"name": name}), key
            tag.version += 1
            work.session.flush()
    except IntegrityError:
        raise _name_taken(work, key, name) from None
    work.record(published.tag_renamed, None, tag_id=tag.id, name=tag.name, before=before, changes=changes)
    return tag


def delete_tag(work: Any, request: Any) -> dict[str, Any]:
    """Take a tag out of sight, unless more have it than was known; a job takes it off them."""
    tag = _held(work, request.tag_id)
    work.expect(tag.version)
    carried_by = carriers_of(work, tag.id)
    if request.carried_by is not None and carried_by > request.carried_by:
        raise Conflict.field("/carried_by", f"{carried_by} contacts have this tag by now.", carried_by=carried_by)
    return _removed(work, tag, carried_by)


def merge_tags(work: Any, request: Any) -> dict[str, Any]:
    """Give everybody who has the one tag the other instead; a job does it."""
    if request.tag_id == request.into:
        raise Invalid.field("/into", "A tag is not merged into itself.")
    tags = {}
    for tag_id in sorted((request.tag_id, request.into)):
        with named_at("/into" if tag_id == request.into else None):
            tags[tag_id] = _held(work, tag_id)
    work.expect(tags[request.tag_id].version)
    return _removed(work, tags[request.tag_id], carriers_of(work, request.tag_id), into=request.into)


def _removed(work: Any, tag: Tag, carried_by: int, into: str | None = None) -> dict[str, Any]:
    tag.removed_at = work.now
    tag.key = tag.id  # the word is free at once, and nobody finds this row by it
    tag.version += 1
    work.record(published.tag_deleted, None, tag_id=tag.id, name=tag.name, before=tag.name)
    job_id = work.start_job("take_tag_off", {"tag_id": tag.id, "into": into})
    return {"id": tag.id, "name": tag.name, "carried_by": carried_by, "job_id": job_id}


def take_tag_off(work: Any, job: Any) -> None:
    """Take a removed tag off the next contacts, and put on the one it was merged into; the last step forgets it."""
    tag = work.session.get(Tag, job.input["tag_id"])
    if tag is None:
        job.finish()
        return
    next_ones = sa.select(_worn.c.contact_id).where(_worn.c.tag_id == tag.id).limit(CONTACTS_A_STEP)
    gone = sa.delete(_worn).where(_worn.c.tag_id == tag.id, _worn.c.contact_id.in_(next_ones))
    contacts = sorted(work.session.scalars(gone.returning(_worn.c.contact_id)))
    work.record_many(published.contact_untagged, [(contact, {"tag": tag.name}) for contact in contacts])
    if job.input["into"] and contacts:
        _put_on_instead(work, job.input["into"], contacts)
    job.progress = {"done": job.progress.get("done", 0) + len(contacts)}
    if not contacts:
        work.session.delete(tag)
        job.finish()


def _put_on_instead(work: Any, tag_id: str, contacts: list[str]) -> None:
    tag = work.session.scalar(sa.select(Tag).where(Tag.id == tag_id).with_for_update(read=True))
    if tag is None or tag.removed_at:
        return
    rows = [{"contact_id": contact, "tag_id": tag.id, "tagged_at": work.now} for contact in contacts]
    new = insert(_worn).on_conflict_do_nothing().returning(_worn.c.contact_id)
    tagged = work.session.scalars(new, rows).all()
    work.record_many(published.contact_tagged, [(contact, {"tag": tag.name}) for contact in tagged])


def _held(work: Any, tag_id: str) -> Tag:
    """A tag of the business, which nobody else changes until this ends."""
    tag = work.session.get(Tag, tag_id, with_for_update=True)
    if tag is None or tag.removed_at:
        raise NotFound("There is no such tag.")
    if tag.system:
        raise not_for_hands(tag.name, "/tag_id")
    return tag


def _name_taken(work: Any, key: str, name: str) -> Conflict:
    there = work.session.scalar(sa.select(Tag.id).where(Tag.key == key, Tag.system.is_(False)))
    detail = f"There is a tag “{name}” already; the two can be merged."
    return Conflict(detail, [{"pointer": "/name", "detail": detail}], existing_id=there)
