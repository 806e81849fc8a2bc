"""Messages that we send: queued once, sent at most once, and never twice."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Blocked, Conflict, Invalid, Merged, NotFound, Unavailable
from contracts.language import Event, Id, Moment, Rpc, Schema

STATES = ("queued", "sending", "sent", "failed", "unknown", "logged")
"""`unknown`: handed over, and the answer was lost; a person decides. `logged`: written down, not sent by us."""


class SendMessage(Schema):
    """Send a template to a contact; it is rendered and frozen at once and sent to their primary e-mail.

    The template's `purpose` decides what consent it needs: transactional messages and reminders go out unless the
    contact refused those, whatever they said of marketing; marketing goes out only to who agreed to it.
    """

    contact_id = Id(required=True)
    template_id = Id(required=True)
    channel = fields.String(load_default="email", validate=validate.OneOf(("email",)))


class OneMessage(Schema):
    message_id = Id(required=True)


class Message(Schema):
    id = Id(required=True)
    contact_id = Id(required=True)
    channel = fields.String(required=True)
    direction = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(STATES))
    purpose = fields.String(required=True, allow_none=True)
    counterpart = fields.String(required=True, allow_none=True, metadata={"description": "the other side's address"})
    subject = fields.String(required=True, allow_none=True)
    body_text = fields.String(required=True, allow_none=True)
    body_html = fields.String(required=True, allow_none=True)
    template_id = Id(required=True, allow_none=True)
    template_version = fields.Integer(required=True, allow_none=True)
    resend_of = Id(required=True, allow_none=True)
    attempts = fields.Integer(required=True)
    answer = fields.String(required=True, allow_none=True, metadata={"description": "what the provider last said"})
    happened_at = Moment(required=True, metadata={"description": "when it was queued, or took place"})
    sent_at = Moment(required=True, allow_none=True)
    by_id = fields.String(required=True, allow_none=True)
    by_name = fields.String(required=True, allow_none=True)


class MessageFact(Schema):
    """`bulk_id` is told of a message that a bulk action asked for, when it is queued."""

    message_id = Id(required=True)
    channel = fields.String(required=True)
    subject_line = fields.String(required=True)
    purpose = fields.String(required=True)
    bulk_id = Id(allow_none=True)


class MessageFailed(MessageFact):
    reason = fields.String(required=True)


class MessageRefused(Schema):
    channel = fields.String(required=True)
    reason = fields.String(required=True)
    bulk_id = Id(required=True, allow_none=True, metadata={"description": "null: no bulk action asked for it"})


send_message = Rpc(
    "notifications", "send_message", needs="messages.send",
    takes=SendMessage, gives=Message, raises=(Invalid, NotFound, Conflict, Blocked, Merged, Unavailable),
    about="Queue a message to a contact; refused for an archived contact, for one without an e-mail address, and where "
    "the ledger of consent does not allow what the template is for",
)  # fmt: skip
resend_message = Rpc(
    "notifications", "resend_message", needs="messages.send",
    takes=OneMessage, gives=Message, raises=(NotFound, Conflict, Blocked, Merged, Unavailable),
    about="Send the same words once more, by a person's decision; only when it failed or its outcome is unknown, and "
    "where the contact still allows it",
)  # fmt: skip
get_message = Rpc(
    "notifications", "get_message", needs="messages.read", writes=False,
    takes=OneMessage, gives=Message, raises=(NotFound,), about="One message and how far it is",
)  # fmt: skip

message_queued = Event("notifications", "message.queued", MessageFact, about="A message waits to be sent")
message_sent = Event("notifications", "message.sent", MessageFact, about="The provider took the message over")
message_failed = Event("notifications", "message.failed", MessageFailed, about="The message will not be sent")
message_refused = Event(
    "notifications",
    "message.refused",
    MessageRefused,
    about="What a bulk action asked for cannot be sent to this contact",
)
message_unknown = Event(
    "notifications", "message.unknown", MessageFailed,
    about="The message was handed over and the answer was lost; a person decides whether to send it again",
)  # fmt: skip
