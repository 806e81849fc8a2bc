"""The doors of the card; a new one is made in `emergency`, for it may name whom to call."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.contacts import people
from services.contacts.card.actions import changing
from services.contacts.card.queries import reading


class Cards(Room):
    get_contact = serves(people.get_contact, reading.get_contact)
    change_contact = serves(people.change_contact, changing.change_contact)
