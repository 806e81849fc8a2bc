"""The doors of the rebuilding."""

from chassis.entrypoints import Room, does, hears, serves
from contracts.contacts import rebuilding, settings
from services.contacts.rebuilding import actions


class RebuildingProjections(Room):
    rebuild = serves(rebuilding.rebuild, actions.rebuild)
    count_in_another_currency = hears([settings.settings_changed], actions.count_in_another_currency)
    rebuild_projection = does("rebuild", actions.rebuild_step, asks=actions.ask_for_events)
