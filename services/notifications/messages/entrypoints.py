"""The doors of messages."""

from __future__ import annotations

from chassis.entrypoints import Room, errands, hears_many, serves, ticks
from contracts.contacts.bulk import message_asked
from contracts.notifications import messages
from services.notifications.messages import actions, queries, reactions, sending


class Messages(Room):
    send_message = serves(messages.send_message, actions.send_message)
    resend_message = serves(messages.resend_message, actions.resend_message)
    get_message = serves(messages.get_message, queries.get_message)
    queue_asked = hears_many([message_asked], reactions.queue_asked, gather=0.05)
    send_queued_messages = errands(sending.claim_messages, sending.hand_message_over, sending.settle_message)
    give_up_on_lost_messages = ticks(5, sending.give_up_on_lost_messages)
