"""The doors of the external ids."""

from chassis.entrypoints import Room, serves
from contracts.contacts import external_ids
from services.contacts.external_ids import actions, queries


class ExternalIds(Room):
    add_external_id = serves(external_ids.add_external_id, actions.add_external_id)
    remove_external_id = serves(external_ids.remove_external_id, actions.remove_external_id)
    get_external_id = serves(external_ids.get_external_id, queries.get_external_id)
    list_external_ids = serves(external_ids.list_external_ids, queries.list_external_ids)
