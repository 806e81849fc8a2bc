"""The doors of emergency contacts, and of entering a contact, who may bring them along."""

from chassis.entrypoints import Room, serves
from contracts.contacts import emergency, people
from services.contacts.emergency import actions, queries


class EmergencyContacts(Room):
    create_contact = serves(people.create_contact, actions.create_contact)
    add_emergency_contact = serves(emergency.add_emergency_contact, actions.add_emergency_contact)
    get_emergency_contact = serves(emergency.get_emergency_contact, queries.get_emergency_contact)
    list_emergency_contacts = serves(emergency.list_emergency_contacts, queries.list_emergency_contacts)
    change_emergency_contact = serves(emergency.change_emergency_contact, actions.change_emergency_contact)
    remove_emergency_contact = serves(emergency.remove_emergency_contact, actions.remove_emergency_contact)
