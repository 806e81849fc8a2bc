"""The doors of the custom fields."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.contacts import custom_fields
from services.contacts.fields import actions, queries


class CustomFields(Room):
    create_custom_field = serves(custom_fields.create_custom_field, actions.create_custom_field)
    get_custom_field = serves(custom_fields.get_custom_field, queries.get_custom_field)
    change_custom_field = serves(custom_fields.change_custom_field, actions.change_custom_field)
    list_custom_fields = serves(custom_fields.list_custom_fields, queries.list_custom_fields)
