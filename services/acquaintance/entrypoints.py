"""The doors of acquaintance."""

from __future__ import annotations

from chassis.entrypoints import Room, hears_many
from contracts.contacts import people
from services.acquaintance import reactions


class Acquaintances(Room):
    remember_contacts = hears_many(
        [people.contact_created, people.contact_changed, people.contact_lifecycle_changed], reactions.remember
    )
