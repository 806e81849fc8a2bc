"""The doors of the tags."""

from chassis.entrypoints import Room, serves
from contracts.contacts import tags
from services.contacts.tags import actions, queries


class Tags(Room):
    add_tag = serves(tags.add_tag, actions.add_tag)
    remove_tag = serves(tags.remove_tag, actions.remove_tag)
    list_tags = serves(tags.list_tags, queries.list_tags)
