"""The doors of the rebuilding."""

from chassis.entrypoints import Room, does, serves
from contracts.contacts import rebuilding
from services.contacts.rebuilding import actions


class RebuildingProjections(Room):
    rebuild = serves(rebuilding.rebuild, actions.rebuild)
    rebuild_projection = does("rebuild", actions.rebuild_step, asks=actions.ask_for_events)
