"""The doors of relations; a new one is made in `introducing`, for it may bring somebody along."""

from chassis.entrypoints import Room, serves
from contracts.contacts import relations
from services.contacts.relations import actions, queries


class Relations(Room):
    get_relation = serves(relations.get_relation, queries.get_relation)
    list_relations = serves(relations.list_relations, queries.list_relations)
    change_relation = serves(relations.change_relation, actions.change_relation)
    remove_relation = serves(relations.remove_relation, actions.remove_relation)
