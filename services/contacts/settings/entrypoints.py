"""The doors of the settings."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.contacts import locations, settings
from services.contacts.settings import actions, queries


class Settings(Room):
    get_settings = serves(settings.get_settings, queries.get_settings)
    change_settings = serves(settings.change_settings, actions.change_settings)
    create_location = serves(locations.create_location, actions.create_location)
    get_location = serves(locations.get_location, queries.get_location)
    change_location = serves(locations.change_location, actions.change_location)
    list_locations = serves(locations.list_locations, queries.list_locations)
