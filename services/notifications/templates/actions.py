"""Writing templates."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row, func, select

from chassis.ids import new_id
from chassis.rows import changes_between
from contracts.errors import Conflict, Invalid, NotFound
from contracts.notifications import templates as told
from services.notifications.templates.model import MessageTemplate, TemplateVersion
from services.notifications.templates.queries import template_now
from services.notifications.templates.rules import Wording, check

_WORDS = ("subject", "body_text", "body_html")


def create_message_template(work: Any, request: Any) -> Row[Any]:
    wording = Wording(request.subject or "", request.body_text, request.body_html or None)
    _check(wording, request.channel)
    _refuse_name_in_use(work, request.name, request.channel)
    template = MessageTemplate(
        id=new_id(), name=request.name, channel=request.channel, purpose=request.purpose,
        version=1, created_at=work.now, changed_at=work.now,
    )  # fmt: skip
    work.session.add(template)
    work.session.flush()
    _write(work, template, wording)
    work.record(told.message_template_created, None, **_told(template))
    return template_now(work.session, template.id)


def change_message_template(work: Any, request: Any) -> Row[Any]:
    """Change name, purpose or words, refusing a lost update; the same again makes no new version."""
    template = work.session.get(MessageTemplate, request.template_id, with_for_update=True)
    if template is None:
        raise NotFound("There is no such message template.")
    work.expect(template.version)
    before = work.session.get(TemplateVersion, (template.id, template.version)).wording
    after = replace(before, **{part: request[part] or _EMPTY[part] for part in _WORDS if part in request})
    _check(after, template.channel)
    was = _said(template, before)
    if "name" in request:
        _refuse_name_in_use(work, request.name, template.channel, but=template.id)
        template.name = request.name
    template.purpose = request.purpose or template.purpose
    changes = changes_between(was, _said(template, after))
    if changes:
        template.version += 1
        template.changed_at = work.now
        _write(work, template, after)
        work.record(told.message_template_changed, None, changes=changes, **_told(template))
    work.session.flush()
    return template_now(work.session, template.id)


def _said(template: MessageTemplate, wording: Wording) -> dict[str, Any]:
    """All that a change may touch."""
    return {"name": template.name, "purpose": template.purpose, **asdict(wording)}


def _told(template: MessageTemplate) -> dict[str, Any]:
    what = {name: getattr(template, name) for name in ("name", "channel", "purpose", "version")}
    return {"template_id": template.id, **what}


_EMPTY = {"subject": "", "body_text": "", "body_html": None}


def _check(wording: Wording, channel: str) -> None:
    if channel == "email" and not wording.subject:
        raise Invalid.field("/subject", "An e-mail needs a subject.")
    if channel == "sms" and wording.body_html is not None:
        raise Invalid.field("/body_html", "A text message has no HTML.")
    check(wording)


def _refuse_name_in_use(work: Any, name: str, channel: str, *, but: str | None = None) -> None:
    # Two at once with the same name: the second waits here for the first, and then sees it.
    lock = func.hashtext(f"message_templates {channel} {name.lower()}")
    work.session.execute(select(func.pg_advisory_xact_lock(lock)))
    same = select(MessageTemplate.id).where(
        MessageTemplate.channel == channel, func.lower(MessageTemplate.name) == func.lower(name)
    )
    taken = work.session.execute(same if but is None else same.where(MessageTemplate.id != but)).first()
    if taken:
        raise Conflict(f"Another template is called {name}.", [{"pointer": "/name", "detail": "Already in use."}])


def _write(work: Any, template: MessageTemplate, wording: Wording) -> None:
    work.session.add(
        TemplateVersion(
            template_id=template.id, version=template.version, subject=wording.subject, body_text=wording.body_text,
            body_html=wording.body_html, written_at=work.now, written_by=work.actor.name or "",
        )
    )  # fmt: skip
    work.session.flush()
