"""The doors of acquaintance."""

from __future__ import annotations

from chassis.entrypoints import MANY, Room, does, hears, hears_many, ticks
from contracts.contacts import people, settings
from services.acquaintance import reactions

TOLD = [people.contact_created, people.contact_changed, people.contact_lifecycle_changed]


class KnownSettings(Room):
    remember_settings = hears([settings.settings_changed], reactions.remember_settings)
    ask_when_strange = ticks(60, reactions.ask_when_strange)
    learn_settings = does(reactions.LEARN, reactions.learn_settings, asks=reactions.ask_for_settings)


class Acquaintances(KnownSettings):
    # Who is asked for before is asked about.
    remember_contacts = hears_many(TOLD, reactions.remember, gather=0.05, most=MANY)
