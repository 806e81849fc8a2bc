"""The doors of the groups."""

from __future__ import annotations

from chassis.entrypoints import Room, does, serves
from contracts.contacts import groups
from services.contacts.groups import actions, queries


class Groups(Room):
    create_group = serves(groups.create_group, actions.create_group)
    get_group = serves(groups.get_group, queries.get_group)
    change_group = serves(groups.change_group, actions.change_group)
    delete_group = serves(groups.delete_group, actions.delete_group)
    list_groups = serves(groups.list_groups, queries.list_groups)
    add_members = serves(groups.add_members, actions.add_members)
    remove_members = serves(groups.remove_members, actions.remove_members)
    remove_member = serves(groups.remove_member, actions.remove_member)
    list_members = serves(groups.list_members, queries.list_members)
    list_groups_of_contact = serves(groups.list_groups_of_contact, queries.list_groups_of_contact)
    empty_group = does("empty_group", actions.empty_group)
