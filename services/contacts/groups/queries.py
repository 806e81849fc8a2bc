"""Which groups there are, and who is in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import page_of
from contracts.errors import NotFound
from services.contacts.contact.model import Contact
from services.contacts.contact.queries import known_contact
from services.contacts.groups.model import Group, GroupMember


def get_group(work: Any, request: Any) -> Group:
    """Answer one group."""
    group = work.session.get(Group, request.group_id)
    if group is None or group.deleted_at:
        raise NotFound("There is no such group.")
    return group


def list_groups(work: Any, request: Any) -> dict[str, Any]:
    """A page of groups by name."""
    return page_of(work, select(Group).where(Group.deleted_at.is_(None)), [Group.name_key, Group.id], request)


def list_members(work: Any, request: Any) -> dict[str, Any]:
    """A page of a group's active members, who joined last first."""
    group = get_group(work, request)
    members: Any = (
        select(GroupMember.contact_id, Contact.display_name, Contact.lifecycle, GroupMember.added_at)
        .join(Contact, Contact.id == GroupMember.contact_id)
        .where(GroupMember.group_id == group.id, Contact.standing == "active")
    )
    return page_of(work, members, [GroupMember.added_at.desc(), GroupMember.contact_id.desc()], request)


def list_groups_of_contact(work: Any, request: Any) -> dict[str, Any]:
    """A page of the groups that a contact is in, by name."""
    contact_id = known_contact(work, request.contact_id)
    joined = select(Group).join(GroupMember, GroupMember.group_id == Group.id)
    of_contact = joined.where(GroupMember.contact_id == contact_id, Group.deleted_at.is_(None))
    return page_of(work, of_contact, [Group.name_key, Group.id], request)
