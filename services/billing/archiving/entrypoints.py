"""The doors of archiving."""

from chassis.entrypoints import Room, does, serves, ticks
from contracts.billing import archiving
from services.billing.archiving import actions


class Archiving(Room):
    hold_for_archiving = serves(archiving.hold_for_archiving, actions.hold_for_archiving)
    look_after_holds = ticks(5, actions.look_after_holds)
    settle_holds = does(actions.SETTLE, actions.settle_holds, asks=actions.ask_what_became)
