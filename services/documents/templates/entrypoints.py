"""The doors of templates."""

from __future__ import annotations

from chassis.entrypoints import Room, serves
from contracts.documents import templates
from services.documents.templates import actions, queries


class Templates(Room):
    create_template = serves(templates.create_template, actions.create_template)
    change_template = serves(templates.change_template, actions.change_template)
    get_template = serves(templates.get_template, queries.get_template)
    list_templates = serves(templates.list_templates, queries.list_templates)
