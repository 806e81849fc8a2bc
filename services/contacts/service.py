"""The service is the sum of its rooms."""

from __future__ import annotations

from chassis.service import Service
from services.contacts.bookings.entrypoints import Bookings
from services.contacts.bulk.entrypoints import Bulk
from services.contacts.card.entrypoints import Cards
from services.contacts.club_access.entrypoints import ClubAccesses
from services.contacts.companies.entrypoints import Companies
from services.contacts.consent.entrypoints import Consents
from services.contacts.contact.entrypoints import Lifecycles, Places
from services.contacts.credits.entrypoints import Credits
from services.contacts.duplicates.entrypoints import Duplicates
from services.contacts.emergency.entrypoints import EmergencyContacts
from services.contacts.exporting.entrypoints import Exporting
from services.contacts.external_ids.entrypoints import ExternalIds
from services.contacts.facts.entrypoints import FactsOfContacts
from services.contacts.fields.entrypoints import CustomFields
from services.contacts.finding.entrypoints import Finding
from services.contacts.groups.entrypoints import Groups
from services.contacts.histories.entrypoints import Histories
from services.contacts.history.entrypoints import History
from services.contacts.importing.entrypoints import Importing
from services.contacts.introducing.entrypoints import Introducing
from services.contacts.members.entrypoints import Members
from services.contacts.notes.entrypoints import Notes
from services.contacts.photos.entrypoints import Photos
from services.contacts.rebuilding.entrypoints import RebuildingProjections
from services.contacts.referrals.entrypoints import Referrals
from services.contacts.relations.entrypoints import Relations
from services.contacts.schedulers.entrypoints import Schedulers
from services.contacts.segments.entrypoints import Segments
from services.contacts.sessions.entrypoints import Sessions
from services.contacts.settings.entrypoints import Settings
from services.contacts.signups.entrypoints import Signups
from services.contacts.tags.entrypoints import Tags
from services.contacts.team.entrypoints import Team
from services.contacts.timeline.entrypoints import Timeline


class Contacts(
    ClubAccesses,
    Groups,
    CustomFields,
    Settings,
    Lifecycles,
    Places,
    Team,
    Members,
    Cards,
    Finding,
    Segments,
    Tags,
    Notes,
    Timeline,
    FactsOfContacts,
    RebuildingProjections,
    Bulk,
    Exporting,
    ExternalIds,
    Importing,
    Companies,
    Consents,
    Relations,
    Introducing,
    EmergencyContacts,
    Referrals,
    Signups,
    Duplicates,
    Photos,
    Sessions,
    Credits,
    Bookings,
    Schedulers,
    History,
    Histories,
    Service,
):
    name = "contacts"
