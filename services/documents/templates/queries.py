"""Reading templates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from chassis.pages import keys_for, page_of
from chassis.work import Work
from contracts.errors import NotFound
from contracts.language import Request
from services.documents.templates.model import Template, TemplateVersion


def get_template(work: Work, request: Request) -> dict[str, Any]:
    """One template, in the version asked for or its newest."""
    template = current_template(work, request.template_id)
    if request.version in (None, template.version):
        return as_told(template, template.current)
    version = work.session.get(TemplateVersion, (template.id, request.version))
    if version is None:
        raise NotFound("There is no such version of this template.")
    return as_told(template, version)


def list_templates(work: Work, request: Request) -> dict[str, Any]:
    """The newest version of each template."""
    statement = select(Template)
    if request.kind:
        statement = statement.where(Template.kind == request.kind)
    page = page_of(work, statement, keys_for(request.sort, oldest=[Template.id]), request)
    return {**page, "items": [as_told(template, template.current) for template in page["items"]]}


def current_template(work: Work, template_id: str) -> Template:
    """The template, or NotFound."""
    template = work.session.get(Template, template_id)
    if template is None:
        raise NotFound("There is no such template.")
    return template


def as_told(template: Template, version: TemplateVersion) -> dict[str, Any]:
    """A template in one of its versions, as the contract says it."""
    return {
        "id": template.id,
        "kind": template.kind,
        "title": version.title,
        "body": version.body,
        "version": version.version,
        "created_at": template.created_at,
        "changed_at": version.made_at,
    }
