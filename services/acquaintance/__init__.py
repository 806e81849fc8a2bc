"""What pipeline, billing, documents and notifications each remember of a contact, so as not to ask for it every time.

A service sums `Acquaintances` into itself, calls `create_known_contacts(op)` in its first migration, and then has
`known_contact(work, contact_id)` and the table `known_contacts` to join with, in its own database. With
`create_known_settings(op)` it also has `known_business(work)` and `known_setting(work, key)`: what the business says of
itself. Who remembers contacts in a reaction of its own sums `KnownSettings` alone.
"""

from services.acquaintance.entrypoints import Acquaintances, KnownSettings
from services.acquaintance.model import (
    create_known_contacts,
    create_known_settings,
    known_contacts,
    known_contacts_table_of,
)
from services.acquaintance.queries import (
    known_business,
    known_contact,
    known_setting,
    meet_contact,
    recall,
    recognise,
)
from services.acquaintance.reactions import learn_standings, remember
from services.acquaintance.rules import KnownContact

__all__ = [
    "Acquaintances",
    "KnownContact",
    "KnownSettings",
    "create_known_contacts",
    "create_known_settings",
    "known_business",
    "known_contact",
    "known_contacts",
    "known_contacts_table_of",
    "known_setting",
    "learn_standings",
    "meet_contact",
    "recall",
    "recognise",
    "remember",
]
