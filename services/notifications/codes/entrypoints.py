"""The doors of codes."""

from __future__ import annotations

from chassis.entrypoints import Room, hears
from contracts.contacts import members
from services.notifications.codes import reactions


class Codes(Room):
    write_member_code = hears([members.member_code_send_asked], reactions.write_member_code)
