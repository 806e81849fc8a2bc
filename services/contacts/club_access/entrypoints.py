"""The doors of club access."""

from __future__ import annotations

from chassis.entrypoints import MANY, Room, hears_many, serves
from contracts.contacts import club_access
from contracts.contacts.people import contact_changed, contact_lifecycle_changed
from services.contacts.club_access import actions, queries, reactions


class ClubAccesses(Room):
    get_club_access = serves(club_access.get_club_access, queries.get_club_access)
    set_club_access = serves(club_access.set_club_access, actions.set_club_access)
    follow_contacts = hears_many(
        [contact_lifecycle_changed, contact_changed], reactions.follow_contacts, gather=0.1, most=MANY
    )
