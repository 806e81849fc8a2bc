"""The doors of templates."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.notifications import templates
from services.notifications.templates import actions, queries


class Templates(Room):
    create_message_template = serves(templates.create_message_template, actions.create_message_template)
    change_message_template = serves(templates.change_message_template, actions.change_message_template)
    get_message_template = serves(templates.get_message_template, queries.get_message_template)
    list_message_templates = serves(templates.list_message_templates, queries.list_message_templates)
    list_template_versions = serves(templates.list_template_versions, queries.list_template_versions)
    preview_message = serves(templates.preview_message, queries.preview_message)
