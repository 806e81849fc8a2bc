"""What pipeline, billing, documents and notifications each remember of a contact, so as not to ask for it every time.

A service sums `Acquaintances` into itself, calls `create_known_contacts(op)` in its first migration, and then has
`known_contact(work, contact_id)` and the table `known_contacts` to join with, in its own database. With
`create_known_settings(op)` it also has `known_business(work)`: what the business says of itself.
"""

from services.acquaintance.entrypoints import Acquaintances
from services.acquaintance.model import (
    create_known_contacts,
    create_known_settings,
    known_contacts,
    known_contacts_table_of,
)
from services.acquaintance.queries import known_business, known_contact, meet_contact, recall, recognise
from services.acquaintance.reactions import remember
from services.acquaintance.rules import KnownContact

__all__ = [
    "Acquaintances",
    "KnownContact",
    "create_known_contacts",
    "create_known_settings",
    "known_business",
    "known_contact",
    "known_contacts",
    "known_contacts_table_of",
    "meet_contact",
    "recall",
    "recognise",
    "remember",
]
