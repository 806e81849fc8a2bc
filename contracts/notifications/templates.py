"""Message templates: what is written once and sent to many, in versions."""

from __future__ import annotations

from marshmallow import fields, validate

from contracts.errors import Conflict, Invalid, NotFound, Stale
from contracts.language import Changes, Event, Id, Moment, PageRequest, Rpc, Schema, Sort, Text, page_of

CHANNELS = ("email", "sms")
"""By which a template can be sent; text messages have their place and no provider yet."""
PURPOSES = ("transactional", "reminders", "marketing")


class _Wording(Schema):
    name = Text(min=1, max=120)
    subject = Text(max=250)
    body_text = Text(min=1, max=100_000, multiline=True)
    body_html = Text(max=500_000, multiline=True, allow_none=True)
    purpose = fields.String(validate=validate.OneOf(PURPOSES))


class CreateMessageTemplate(_Wording):
    """A template is Jinja text with merge fields (`{{ contact.display_name }}`); an e-mail needs a subject.

    `purpose` says what consent its messages need, and is transactional unless said otherwise: what belongs to a sale, a
    booking or a question goes out without any. Whoever writes an advert says marketing.
    """

    name = Text(min=1, max=120, required=True)
    channel = fields.String(load_default="email", validate=validate.OneOf(CHANNELS))
    body_text = Text(min=1, max=100_000, multiline=True, required=True)
    purpose = fields.String(load_default="transactional", validate=validate.OneOf(PURPOSES))


class ChangeMessageTemplate(_Wording):
    """A merge-patch. Every change makes a new version; what was queued or sent keeps the old words."""

    template_id = Id(required=True)


class OneTemplate(Schema):
    template_id = Id(required=True)


class ListMessageTemplates(PageRequest):
    channel = fields.String(validate=validate.OneOf(CHANNELS))
    purpose = fields.String(validate=validate.OneOf(PURPOSES))
    sort = Sort("name", "-name")


class ListTemplateVersions(PageRequest):
    template_id = Id(required=True)


class MessageTemplate(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    channel = fields.String(required=True)
    purpose = fields.String(required=True)
    subject = fields.String(required=True)
    body_text = fields.String(required=True)
    body_html = fields.String(required=True, allow_none=True)
    version = fields.Integer(required=True)
    created_at = Moment(required=True)
    changed_at = Moment(required=True)


class TemplateVersion(Schema):
    version = fields.Integer(required=True)
    subject = fields.String(required=True)
    body_text = fields.String(required=True)
    body_html = fields.String(required=True, allow_none=True)
    written_at = Moment(required=True)
    written_by = fields.String(required=True)


class PreviewMessage(Schema):
    """Show what a contact would get; `contact_id` may be left out for a made-up one."""

    template_id = Id(required=True)
    contact_id = Id()


class Preview(Schema):
    subject = fields.String(required=True)
    body_text = fields.String(required=True)
    body_html = fields.String(required=True, allow_none=True)
    recipient = fields.String(required=True, allow_none=True)


create_message_template = Rpc(
    "notifications", "create_message_template", needs="messages.manage",
    takes=CreateMessageTemplate, gives=MessageTemplate, raises=(Invalid, Conflict),
    about="Write a message template; a merge field that does not exist is refused",
)  # fmt: skip
change_message_template = Rpc(
    "notifications", "change_message_template", needs="messages.manage",
    takes=ChangeMessageTemplate, gives=MessageTemplate, raises=(Invalid, NotFound, Conflict, Stale),
    about="Change a message template; every change makes a new version",
)  # fmt: skip
get_message_template = Rpc(
    "notifications", "get_message_template", needs="messages.read", writes=False,
    takes=OneTemplate, gives=MessageTemplate, raises=(NotFound,), about="One message template as it stands now",
)  # fmt: skip
list_message_templates = Rpc(
    "notifications", "list_message_templates", needs="messages.read", writes=False,
    takes=ListMessageTemplates, gives=page_of(MessageTemplate), raises=(Invalid,), about="Message templates by name",
)  # fmt: skip
list_template_versions = Rpc(
    "notifications", "list_template_versions", needs="messages.read", writes=False,
    takes=ListTemplateVersions, gives=page_of(TemplateVersion), raises=(Invalid, NotFound),
    about="What a message template said in each of its versions, newest first",
)  # fmt: skip
preview_message = Rpc(
    "notifications", "preview_message", needs="messages.read", writes=False,
    takes=PreviewMessage, gives=Preview, raises=(Invalid, NotFound),
    about="What a contact would get, merge fields filled in; nothing is sent",
)  # fmt: skip


class TemplateTold(Schema):
    """Which template, and its version; what it says stands in that version."""

    template_id = Id(required=True)
    name = fields.String(required=True)
    channel = fields.String(required=True)
    purpose = fields.String(required=True)
    version = fields.Integer(required=True)


class TemplateChanged(TemplateTold):
    """`changes` of `name`, `purpose` and the words; of a long text how it begins."""

    changes = Changes()


_OF_NOBODY = "It is about no contact."
message_template_created = Event("notifications", "message_template.created", TemplateTold, about=_OF_NOBODY)
message_template_changed = Event("notifications", "message_template.changed", TemplateChanged, about=_OF_NOBODY)
