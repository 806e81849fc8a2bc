"""Groups: lists of contacts, picked by hand."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.contacts.words import KINDS, LIFECYCLES
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from contracts.language import Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

AT_ONCE = 1000
"""So many contacts at most are added or removed in one request."""


class CreateGroup(Schema):
    name = Text(required=True, min=1, max=100)
    description = Text(max=1000, multiline=True, load_default="")


class ChangeGroup(Schema):
    """A merge-patch."""

    group_id = Id(required=True)
    name = Text(min=1, max=100)
    description = Text(max=1000, multiline=True)


class GroupId(Schema):
    group_id = Id(required=True)


class ListGroups(PageRequest):
    """By name, unless told otherwise."""

    q = Text(max=100, metadata={"description": "any part of the name"})
    sort = Sort("name", "-name", "newest", "oldest")


class Group(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True)
    created_at = Moment(required=True)
    version = fields.Integer(required=True)


class MembersOfGroup(Schema):
    """Contacts by id; who is named twice counts once."""

    group_id = Id(required=True)
    contact_ids = fields.List(Id(), required=True, validate=validate.Length(1, AT_ONCE))


class MemberOfGroup(Schema):
    group_id = Id(required=True)
    contact_id = Id(required=True)


class MembersChanged(Schema):
    """How many joined or left; who was there already, or not there, is not counted."""

    group_id = Id(required=True)
    changed = fields.Integer(required=True)


class ListMembers(PageRequest):
    """Who joined last comes first, unless told otherwise; archived and merged contacts are left out."""

    group_id = Id(required=True)
    kind = fields.String(validate=validate.OneOf(KINDS))
    lifecycle = fields.String(validate=validate.OneOf(LIFECYCLES))
    sort = Sort("newest", "oldest", "name", "-name")


class Member(Schema):
    contact_id = Id(required=True)
    display_name = fields.String(required=True)
    lifecycle = fields.String(required=True)
    added_at = Moment(required=True)


class ListGroupsOfContact(ListGroups):
    contact_id = Id(required=True)


class GroupTold(Schema):
    group_id = Id(required=True)
    name = fields.String(required=True)
    version = fields.Integer(required=True)


class GroupChanged(GroupTold):
    changes = Changes()


class GroupMembership(Schema):
    group_id = Id(required=True)
    name = fields.String(required=True)


create_group = Rpc(
    "contacts", "create_group", needs="contacts.write", takes=CreateGroup, gives=Group, raises=(Invalid, Conflict)
)
get_group = Rpc(
    "contacts", "get_group", needs="contacts.read", takes=GroupId, gives=Group, raises=(NotFound,), writes=False
)
change_group = Rpc(
    "contacts", "change_group", needs="contacts.write", takes=ChangeGroup, gives=Group,
    raises=(Invalid, NotFound, Conflict, Stale),
)  # fmt: skip
delete_group = Rpc(
    "contacts", "delete_group", needs="contacts.write", takes=GroupId, raises=(NotFound, Stale),
    about="The group is gone at once; that its members left is told in the background.",
)  # fmt: skip
list_groups = Rpc(
    "contacts", "list_groups", needs="contacts.read", takes=ListGroups, gives=page_of(Group), raises=(Invalid,),
    writes=False,
)  # fmt: skip
add_members = Rpc(
    "contacts", "add_members", needs="contacts.write", takes=MembersOfGroup, gives=MembersChanged,
    raises=(Invalid, NotFound), about="All join, or nobody where one is unknown, archived or merged.",
)  # fmt: skip
remove_members = Rpc(
    "contacts", "remove_members", needs="contacts.write", takes=MembersOfGroup, gives=MembersChanged,
    raises=(Invalid, NotFound),
)  # fmt: skip
remove_member = Rpc(
    "contacts", "remove_member", needs="contacts.write", takes=MemberOfGroup, gives=MembersChanged, raises=(NotFound,)
)
list_members = Rpc(
    "contacts", "list_members", needs="contacts.read", takes=ListMembers, gives=page_of(Member),
    raises=(Invalid, NotFound), writes=False,
)  # fmt: skip
list_groups_of_contact = Rpc(
    "contacts", "list_groups_of_contact", needs="contacts.read", takes=ListGroupsOfContact, gives=page_of(Group),
    raises=(Invalid, NotFound, Merged), writes=False,
)  # fmt: skip

group_created = Event("contacts", "group.created", data=GroupTold, about="It is about no one contact.")
group_changed = Event("contacts", "group.changed", data=GroupChanged, about="It is about no one contact.")
group_deleted = Event("contacts", "group.deleted", data=GroupTold, about="It is about no one contact.")
group_joined = Event("contacts", "group.joined", data=GroupMembership, about="A contact was put into a group.")
group_left = Event("contacts", "group.left", data=GroupMembership, about="A contact was taken out of a group.")
