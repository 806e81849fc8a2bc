"""The communication log: every word exchanged with a contact, whoever wrote it."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.billing.card_numbers import NoCardNumbers
from contracts.errors import Invalid, NotFound
from contracts.language import Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of
from contracts.notifications.messages import Message

CHANNELS = ("email", "sms", "call", "portal", "system", "other")
DIRECTIONS = ("in", "out")


class ListCommunications(PageRequest):
    contact_id = Id(required=True)
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    sort = Sort("newest", "oldest")


class LogCommunication(NoCardNumbers):
    """Write down what was said elsewhere: a call, an e-mail that came in."""

    contact_id = Id(required=True)
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS))
    direction = fields.String(required=True, validate=validate.OneOf(DIRECTIONS))
    happened_at = Moment(metadata={"description": "now, if left out; not in the future"})
    counterpart = Text(max=320)
    subject = Text(max=250)
    body_text = Text(max=500_000, multiline=True)
    notes = Text(max=20_000, multiline=True)
    outcome = Text(max=200)
    duration_seconds = fields.Integer(strict=True, validate=validate.Range(0, 7 * 24 * 3600))


class Communication(Message):
    notes = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    duration_seconds = fields.Integer(required=True, allow_none=True)


class CommunicationFact(Schema):
    message_id = Id(required=True)
    channel = fields.String(required=True)
    direction = fields.String(required=True)
    subject_line = fields.String(required=True)
    outcome = fields.String(required=True, allow_none=True)
    happened_at = Moment(required=True)


list_communications = Rpc(
    "notifications", "list_communications", needs="messages.read", writes=False,
    takes=ListCommunications, gives=page_of(Communication), raises=(Invalid, NotFound),
    about="Everything sent to, received from or said with a contact, newest first",
)  # fmt: skip
log_communication = Rpc(
    "notifications", "log_communication", needs="messages.send",
    takes=LogCommunication, gives=Communication, raises=(Invalid, NotFound),
    about="Write down a call, or a message that came in by another way",
)  # fmt: skip

message_logged = Event(
    "notifications", "message.logged", CommunicationFact, about="A call or a message was written down by hand",
)  # fmt: skip
