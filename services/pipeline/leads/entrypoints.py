"""The doors of the leads."""

from __future__ import annotations

from chassis.entrypoints import Room, hears_many, serves
from contracts.contacts import people
from contracts.pipeline import leads
from services.pipeline.leads import actions, queries, reactions


class Leads(Room):
    get_lead = serves(leads.get_lead, queries.get_lead)
    list_leads = serves(leads.list_leads, queries.list_leads)
    list_moves = serves(leads.list_moves, queries.list_moves)
    move_lead = serves(leads.move_lead, actions.move_lead)
    assign_lead = serves(leads.assign_lead, actions.assign_lead)
    change_lead = serves(leads.change_lead, actions.change_lead)
    follow_contacts = hears_many(
        [people.contact_created, people.contact_changed, people.contact_lifecycle_changed], reactions.follow_contacts
    )
