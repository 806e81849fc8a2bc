"""The door of relations that may bring somebody along."""

from chassis.entrypoints import Room, serves
from contracts.contacts import relations
from services.contacts.introducing import actions


class Introducing(Room):
    add_relation = serves(relations.add_relation, actions.add_relation)
