"""The doors of relations; a new one is made in `introducing`, for it may bring somebody along."""

from chassis.entrypoints import Room, hears_many, serves
from contracts.billing import sharing
from contracts.contacts import relations
from services.contacts.relations import actions, queries, reactions

_OF_SEATS = [sharing.shared_membership_joined, sharing.shared_membership_changed, sharing.shared_membership_left]


class Relations(Room):
    get_relation = serves(relations.get_relation, queries.get_relation)
    list_relations = serves(relations.list_relations, queries.list_relations)
    change_relation = serves(relations.change_relation, actions.change_relation)
    remove_relation = serves(relations.remove_relation, actions.remove_relation)
    note_shared_seats = hears_many(_OF_SEATS, reactions.note_shared_seats)
