"""The doors of consent."""

from chassis.entrypoints import Room, serves
from contracts.contacts import consent
from services.contacts.consent import actions, queries


class Consents(Room):
    get_preferences = serves(consent.get_preferences, queries.get_preferences)
    change_preferences = serves(consent.change_preferences, actions.change_preferences)
    may_send = serves(consent.may_send, queries.may_send)
    list_consents = serves(consent.list_consents, queries.list_consents)
