"""The doors of the tags."""

from chassis.entrypoints import Room, does, serves
from contracts.contacts import tags
from services.contacts.tags import actions, managing, queries


class Tags(Room):
    add_tag = serves(tags.add_tag, actions.add_tag)
    remove_tag = serves(tags.remove_tag, actions.remove_tag)
    list_tags = serves(tags.list_tags, queries.list_tags)
    get_tag = serves(tags.get_tag, queries.get_tag)
    create_tag = serves(tags.create_tag, managing.create_tag)
    rename_tag = serves(tags.rename_tag, managing.rename_tag)
    delete_tag = serves(tags.delete_tag, managing.delete_tag)
    merge_tags = serves(tags.merge_tags, managing.merge_tags)
    take_tag_off = does("take_tag_off", managing.take_tag_off)
