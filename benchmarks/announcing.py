"""Contacts with no room in it: what tells its events, and nobody who hears them.

`python -m chassis.run benchmarks.announcing:Contacts --role events`.
"""

from chassis.service import Service


class Contacts(Service):
    """The relay alone."""

    name = "contacts"
