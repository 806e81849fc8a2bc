"""Writing templates."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import lazyload

from chassis.ids import new_id
from chassis.rows import changes_between
from chassis.work import Work
from contracts.documents import templates as told
from contracts.errors import NotFound
from contracts.language import Request
from services.documents.templates import rules
from services.documents.templates.model import Template, TemplateVersion
from services.documents.templates.queries import as_told


def create_template(work: Work, request: Request) -> dict[str, Any]:
    """Keep a new template, in its first version."""
    rules.check(request.body)
    template = Template(id=new_id(), kind=request.kind, version=1, created_at=work.now)
    version = _write_version(work, template, title=request.title, body=request.body)
    work.session.add(template)
    work.record(told.agreement_template_created, None, **_told(template, version))
    return as_told(template, version)


def change_template(work: Work, request: Request) -> dict[str, Any]:
    """Make a new version if title or body differ; the versions before it stay as they are."""
    alone = lazyload(Template.current)  # joined, it would be what was current before the wait, and no longer match
    template = work.session.get(Template, request.template_id, options=[alone], with_for_update=True)
    if template is None:
        raise NotFound("There is no such template.")
    work.expect(template.version)
    before = template.current
    title = before.title if request.title is None else request.title
    body = before.body if request.body is None else request.body
    if (title, body) == (before.title, before.body):
        return as_told(template, before)
    rules.check(body)
    template.version += 1
    version = _write_version(work, template, title=title, body=body)
    changes = changes_between({"title": before.title, "body": before.body}, {"title": title, "body": body})
    work.record(told.agreement_template_changed, None, changes=changes, **_told(template, version))
    return as_told(template, version)


def _told(template: Template, version: TemplateVersion) -> dict[str, Any]:
    return {
        "template_id": template.id, "kind": template.kind, "title": version.title, "version": version.version,
    }  # fmt: skip


def _write_version(work: Work, template: Template, *, title: str, body: str) -> TemplateVersion:
    version = TemplateVersion(
        template_id=template.id,
        version=template.version,
        title=title,
        body=body,
        made_at=work.now,
        made_by=work.actor.name or work.actor.id,
    )
    work.session.add(version)
    work.session.flush()
    return version
