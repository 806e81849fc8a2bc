"""The doors of messages."""

from __future__ import annotations

from chassis.entrypoints import Room, errands, serves, ticks
from contracts.notifications import messages
from services.notifications.messages import actions, queries, sending


class Messages(Room):
    send_message = serves(messages.send_message, actions.send_message)
    resend_message = serves(messages.resend_message, actions.resend_message)
    get_message = serves(messages.get_message, queries.get_message)
    send_queued_messages = errands(sending.claim_messages, sending.hand_message_over, sending.settle_message)
    give_up_on_lost_messages = ticks(5, sending.give_up_on_lost_messages)
