"""Which groups there are, and who is in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from chassis.pages import by_hash, keys_for, narrowed, page_at_a_glance, page_found, page_of
from contracts.errors import NotFound
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact
from services.contacts.groups.model import Group, GroupMember
from services.contacts.settings.rules import compared


def get_group(work: Any, request: Any) -> Group:
    """Answer one group."""
    group = work.session.get(Group, request.group_id)
    if group is None or group.deleted_at:
        raise NotFound("There is no such group.")
    return group


def list_groups(work: Any, request: Any) -> dict[str, Any]:
    """A page of groups."""
    return _page(work, select(Group), request)


def list_members(work: Any, request: Any) -> dict[str, Any]:
    """A page of a group's active members."""
    group = get_group(work, request)
    members: Any = (
        select(GroupMember.contact_id, Contact.display_name, Contact.lifecycle, GroupMember.added_at)
        .select_from(GroupMember)
        .join(Contact, Contact.id == GroupMember.contact_id)
        .where(GroupMember.group_id == group.id, Contact.standing == "active")
    )
    members = narrowed(members, request, Contact.kind, Contact.lifecycle)
    joined = [GroupMember.added_at, GroupMember.contact_id]
    keys = keys_for(request.sort, oldest=joined, name=[Contact.sort_name, Contact.id])
    if not request.sort.endswith("name"):
        return page_of(work, members, keys, request)
    return page_at_a_glance(work, members, keys, request) or _page_by_hash(work, group.id, members, keys, request)


def _page_by_hash(work: Any, group_id: str, members: Select[Any], keys: list[Any], request: Any) -> dict[str, Any]:
    """Where members stand far down together in the order of names."""
    also = aliased(GroupMember)
    is_member = exists().where(also.contact_id == Contact.id, also.group_id == group_id)
    found = members.with_only_columns(Contact.id).where(by_hash(is_member))
    return page_found(work, found, Contact.id, members, keys, request)


def list_groups_of_contact(work: Any, request: Any) -> dict[str, Any]:
    """A page of the groups that a contact is in."""
    contact_id = known_contact(work, request.contact_id)
    joined = select(Group).join(GroupMember, GroupMember.group_id == Group.id)
    return _page(work, joined.where(GroupMember.contact_id == contact_id), request)


def _page(work: Any, groups: Select[Any], request: Any) -> dict[str, Any]:
    groups = groups.where(Group.deleted_at.is_(None))
    if request.q:
        groups = groups.where(Group.name_key.contains(compared(request.q), autoescape=True))
    keys = keys_for(request.sort, oldest=[Group.id], name=[Group.name_key, Group.id])
    return page_of(work, groups, keys, request)
