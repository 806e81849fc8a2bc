"""The doors of emergency contacts."""

from chassis.entrypoints import Room, serves
from contracts.contacts import emergency
from services.contacts.emergency import actions, queries


class EmergencyContacts(Room):
    add_emergency_contact = serves(emergency.add_emergency_contact, actions.add_emergency_contact)
    get_emergency_contact = serves(emergency.get_emergency_contact, queries.get_emergency_contact)
    list_emergency_contacts = serves(emergency.list_emergency_contacts, queries.list_emergency_contacts)
    change_emergency_contact = serves(emergency.change_emergency_contact, actions.change_emergency_contact)
    remove_emergency_contact = serves(emergency.remove_emergency_contact, actions.remove_emergency_contact)
