"""The doors of bulk actions."""

from chassis.entrypoints import Room, does, hears_many, serves
from contracts.contacts import bulk
from contracts.notifications.messages import message_queued, message_refused
from services.contacts.bulk import queries, reactions
from services.contacts.bulk.actions import archiving, cancelling, doing, starting


class Bulk(Room):
    start_bulk = serves(bulk.start_bulk, starting.start_bulk)
    get_bulk = serves(bulk.get_bulk, queries.get_bulk)
    cancel_bulk = serves(bulk.cancel_bulk, cancelling.cancel_bulk)
    list_bulk = serves(bulk.list_bulk, queries.list_bulk)
    list_bulk_results = serves(bulk.list_bulk_results, queries.list_bulk_results)
    do_bulk = does("bulk", doing.do_next, asks=archiving.hold_next)
    get_standings = serves(bulk.get_standings, queries.get_standings)
    note_message = hears_many([message_queued, message_refused], reactions.note_message, gather=0.1)
