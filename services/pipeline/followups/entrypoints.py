"""The doors of the follow-ups."""

from __future__ import annotations

from chassis.entrypoints import MANY, Room, hears_many, serves, ticks
from contracts.contacts import people
from contracts.pipeline import follow_ups, leads
from services.pipeline.followups import actions, queries, reactions


class FollowUps(Room):
    add_follow_up = serves(follow_ups.add_follow_up, actions.add_follow_up)
    get_follow_up = serves(follow_ups.get_follow_up, queries.get_follow_up)
    list_follow_ups = serves(follow_ups.list_follow_ups, queries.list_follow_ups)
    list_follow_ups_of_lead = serves(follow_ups.list_follow_ups_of_lead, queries.list_follow_ups_of_lead)
    change_follow_up = serves(follow_ups.change_follow_up, actions.change_follow_up)
    complete_follow_up = serves(follow_ups.complete_follow_up, actions.complete_follow_up)
    cancel_follow_up = serves(follow_ups.cancel_follow_up, actions.cancel_follow_up)
    hand_over_follow_ups = hears_many([leads.lead_assigned], reactions.go_with_lead, most=MANY)
    stop_follow_ups_of_archived = hears_many([people.contact_changed], reactions.stop_when_archived, most=MANY)
    stop_follow_ups_of_won = hears_many([leads.lead_won], reactions.stop_when_won, most=MANY)
    tell_due_follow_ups = ticks(2, actions.tell_due)
