"""The doors of the facts: they hear every event that leaves a mark."""

from chassis.entrypoints import MANY, Room, hears_many, serves
from contracts.catalogue import all_events
from contracts.contacts import facts
from services.contacts.facts import queries, reactions
from services.contacts.facts.rules import TYPES

_HEARD = [event for event in all_events() if event.type in TYPES]


class FactsOfContacts(Room):
    add_to_facts = hears_many(_HEARD, reactions.add_to_facts, gather=0.05, most=MANY)
    get_facts = serves(facts.get_facts, queries.get_facts)
