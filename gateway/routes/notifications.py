"""Notifications on the web: message templates, messages, and the log of every word exchanged."""

from contracts.contacts import histories
from contracts.notifications import communications, messages, templates
from gateway.routes.table import get, patch, post

ROUTES = [
    get("/message-templates", templates.list_message_templates),
    post("/message-templates", templates.create_message_template, makes="/message-templates/{id}"),
    get("/message-templates/<template_id>", templates.get_message_template),
    patch("/message-templates/<template_id>", templates.change_message_template),
    get("/message-templates/<template_id>/history", histories.list_message_template_history),
    get("/message-templates/<template_id>/versions", templates.list_template_versions),
    get("/message-templates/<template_id>/preview", templates.preview_message),
    post("/contacts/<contact_id>/messages", messages.send_message, makes="/messages/{id}"),
    get("/messages/<message_id>", messages.get_message),
    post("/messages/<message_id>/resend", messages.resend_message, makes="/messages/{id}"),
    get("/contacts/<contact_id>/communications", communications.list_communications),
    post("/contacts/<contact_id>/communications", communications.log_communication, makes="/messages/{id}"),
]
