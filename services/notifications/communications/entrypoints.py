"""The doors of the communication log."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.notifications import communications
from services.notifications.communications import actions, queries


class Communications(Room):
    list_communications = serves(communications.list_communications, queries.list_communications)
    log_communication = serves(communications.log_communication, actions.log_communication)
