"""The doors of the card."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.contacts import people
from services.contacts.card.actions import changing, entering
from services.contacts.card.queries import reading


class Cards(Room):
    create_contact = serves(people.create_contact, entering.create_contact)
    get_contact = serves(people.get_contact, reading.get_contact)
    change_contact = serves(people.change_contact, changing.change_contact)
