"""Contacts with nearly no room in it: what tells its events, and who puts them on the timeline.

`python -m chassis.run benchmarks.announcing:Silent --role events`, and `…:Listening`.
"""

from chassis.service import Service
from services.contacts.timeline.entrypoints import Timeline


class Silent(Service):
    """The relay alone."""

    name = "contacts"


class Listening(Timeline, Service):
    """The relay, and one listener."""

    name = "contacts"
