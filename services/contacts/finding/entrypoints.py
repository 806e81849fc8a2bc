"""The doors of finding."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.contacts import finding
from services.contacts.finding.queries import describing, listing, matching


class Finding(Room):
    list_contacts = serves(finding.list_contacts, listing.list_contacts)
    search_contacts = serves(finding.search_contacts, listing.list_contacts)
    match_contacts = serves(finding.match_contacts, matching.match_contacts)
    list_filter_fields = serves(finding.list_filter_fields, describing.list_filter_fields)
