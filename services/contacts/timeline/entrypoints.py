"""The doors of the timeline: it hears every event of every service."""

from chassis.entrypoints import MANY, Room, hears_many, serves
from contracts.catalogue import all_events
from contracts.contacts import timeline
from services.contacts.timeline import queries, reactions
from services.contacts.timeline.rules import seen


class Timeline(Room):
    add_to_timeline = hears_many(seen(all_events()), reactions.add_to_timeline, gather=0.1, most=MANY)
    get_timeline = serves(timeline.get_timeline, queries.get_timeline)
