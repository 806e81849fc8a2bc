"""The service is the sum of its rooms."""

from __future__ import annotations

from chassis.service import Service
from services.contacts.card.entrypoints import Cards
from services.contacts.contact.entrypoints import Lifecycles
from services.contacts.team.entrypoints import Team


class Contacts(Lifecycles, Team, Cards, Service):
    name = "contacts"
