"""The doors of the leads."""

from __future__ import annotations

from chassis.entrypoints import MANY, Room, does, hears_many, serves, ticks
from contracts.billing import orders
from contracts.contacts import bookings, notes, people, signups
from contracts.documents import agreements
from contracts.notifications import communications, messages
from contracts.pipeline import follow_ups, leads, stages
from services.pipeline.leads import actions, queries, reactions, removing_stages

TOUCHES = [
    notes.note_added, messages.message_sent, communications.message_logged, bookings.booking_made,
    bookings.booking_attended, agreements.agreement_signed, orders.order_placed, signups.signed_up_again,
    follow_ups.follow_up_completed,
]  # fmt: skip
"""What shows that somebody cares for the lead, or the lead for us; a move of its card does so as well."""


class Leads(Room):
    get_lead = serves(leads.get_lead, queries.get_lead)
    list_leads = serves(leads.list_leads, queries.list_leads)
    list_moves = serves(leads.list_moves, queries.list_moves)
    move_lead = serves(leads.move_lead, actions.move_lead)
    assign_lead = serves(leads.assign_lead, actions.assign_lead)
    change_lead = serves(leads.change_lead, actions.change_lead)
    remove_stage = serves(stages.remove_stage, removing_stages.remove_stage)
    clear_stage = does(removing_stages.CLEAR, removing_stages.clear_stage)
    resume_clearing_stages = ticks(60, removing_stages.resume_clearing)
    find_leads = serves(leads.find_leads, queries.find_leads)
    follow_contacts = hears_many(
        [people.contact_created, people.contact_changed, people.contact_lifecycle_changed], reactions.follow_contacts,
        most=MANY,
    )  # fmt: skip
    note_touches = hears_many(TOUCHES, reactions.note_touches, gather=0.2, most=MANY)
