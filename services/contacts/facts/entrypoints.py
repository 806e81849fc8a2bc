"""The doors of the facts."""

from chassis.entrypoints import Room, serves
from contracts.contacts import facts
from services.contacts.facts import queries


class FactsOfContacts(Room):
    get_facts = serves(facts.get_facts, queries.get_facts)
