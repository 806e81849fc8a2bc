"""Making groups, and putting contacts into them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from chassis.ids import new_id
from chassis.rows import array_of, set_on
from contracts.contacts import groups as published
from contracts.errors import Conflict, Invalid, NotFound
from services.contacts.contact.actions import hold_contacts, why_not_changeable
from services.contacts.groups.model import Group, GroupMember
from services.contacts.settings.rules import compared

MEMBERS_A_STEP = 1000
_JOIN = sa.text("""
    INSERT INTO group_members (group_id, contact_id, added_at, added_by)
    SELECT :group, contact_id, :now, :by FROM unnest(CAST(:contacts AS uuid[])) AS contact_id
    ON CONFLICT DO NOTHING RETURNING CAST(contact_id AS text)
""")
_LEAVE = sa.text("""
    DELETE FROM group_members WHERE group_id = :group AND contact_id = ANY (CAST(:contacts AS uuid[]))
    RETURNING CAST(contact_id AS text)
""")


def create_group(work: Any, request: Any) -> Group:
    """Begin a list under a name that no other has."""
    row = {
        "id": new_id(),
        "name": request.name,
        "name_key": compared(request.name),
        "description": request.description,
        "created_at": work.now,
        "created_by": work.actor.id,
        "version": 1,
    }
    free = insert(Group).values(row).on_conflict_do_nothing(
        index_elements=[Group.name_key], index_where=Group.deleted_at.is_(None)
    )  # fmt: skip
    group = work.session.scalar(free.returning(Group))
    if group is None:
        raise _name_taken(request.name)
    _tell(work, published.group_created, group)
    return group


def change_group(work: Any, request: Any) -> Group:
    """Call it otherwise, or say more of it."""
    group = _held(work, request.group_id, alone=True)
    work.expect(group.version)
    wanted = {name: request[name] for name in ("name", "description") if name in request}
    try:
        with work.session.begin_nested():
            changes = set_on(group, wanted)
            group.name_key = compared(group.name)
            group.version += bool(changes)
            work.session.flush()
    except IntegrityError:
        raise _name_taken(wanted["name"]) from None
    if changes:
        _tell(work, published.group_changed, group, changes=changes)
    return group


def delete_group(work: Any, request: Any) -> dict[str, Any]:
    """Take the group out of sight; a job lets its members leave."""
    group = _held(work, request.group_id, alone=True)
    work.expect(group.version)
    group.deleted_at = work.now
    group.version += 1
    _tell(work, published.group_deleted, group)
    work.start_job("empty_group", {"group_id": group.id})
    return {}


def empty_group(work: Any, job: Any) -> None:
    """Let the next members of a deleted group leave; the last step forgets the group."""
    group = work.session.get(Group, job.input["group_id"])
    if group is None:
        job.finish()
        return
    next_ones = sa.select(GroupMember.contact_id).where(GroupMember.group_id == group.id).limit(MEMBERS_A_STEP)
    left = take_out_of_group(work, group, work.session.scalars(next_ones).all())
    job.progress = {"done": job.progress.get("done", 0) + left}
    if left == 0:
        work.session.delete(group)
        job.finish()


def add_members(work: Any, request: Any) -> dict[str, Any]:
    """Put contacts into a group: all of them, or none."""
    group = _held(work, request.group_id)
    held = hold_contacts(work, set(request.contact_ids))
    problems = [why_not_changeable(held.get(contact_id)) for contact_id in request.contact_ids]
    errors = [
        {"pointer": f"/contact_ids/{n}", "detail": problem.detail, **problem.extra}
        for n, problem in enumerate(problems)
        if problem
    ]
    if errors:
        raise Invalid("Some of these cannot be members.", errors)
    return {"group_id": group.id, "changed": put_into_group(work, group, request.contact_ids)}


def remove_members(work: Any, request: Any) -> dict[str, Any]:
    """Take contacts out of a group, whatever became of them."""
    group = _held(work, request.group_id)
    return {"group_id": group.id, "changed": take_out_of_group(work, group, request.contact_ids)}


def remove_member(work: Any, request: Any) -> dict[str, Any]:
    """Take one contact out of a group."""
    group = _held(work, request.group_id)
    return {"group_id": group.id, "changed": take_out_of_group(work, group, [request.contact_id])}


def add_to_group(work: Any, group_id: str, contact_ids: Collection[str]) -> int:
    """Put contacts that are held and active into a group, for whoever does many at once; tell how many are new."""
    return put_into_group(work, _held(work, group_id), contact_ids)


def put_into_group(work: Any, group: Group, contact_ids: Collection[str]) -> int:
    """One statement for all; only who was not there is announced."""
    if not contact_ids:
        return 0
    given = {"group": group.id, "contacts": array_of(sorted(set(contact_ids))), "now": work.now, "by": work.actor.id}
    return _announce(work, published.group_joined, group, work.session.scalars(_JOIN, given))


def take_out_of_group(work: Any, group: Group, contact_ids: Collection[str]) -> int:
    """One statement for all; only who was there is announced."""
    given = {"group": group.id, "contacts": array_of(contact_ids)}
    return _announce(work, published.group_left, group, work.session.scalars(_LEAVE, given))


def _announce(work: Any, event: Any, group: Group, contact_ids: Iterable[str]) -> int:
    several = list(contact_ids)
    work.record_alike(event, several, group_id=group.id, name=group.name)
    return len(several)


def _held(work: Any, group_id: str, *, alone: bool = False) -> Group:
    """The group, which nobody deletes until this ends; `alone`: nobody else puts anybody into it either."""
    group = work.session.scalar(
        sa.select(Group)
        .where(Group.id == group_id)
        .with_for_update(read=not alone)
        .execution_options(populate_existing=True)
    )
    if group is None or group.deleted_at:
        raise NotFound("There is no such group.")
    return group


def _name_taken(name: str) -> Conflict:
    detail = f"Another group is called {name}."
    return Conflict(detail, [{"pointer": "/name", "detail": detail}])


def _tell(work: Any, event: Any, group: Group, **more: Any) -> None:
    work.record(event, None, group_id=group.id, name=group.name, version=group.version, **more)
