"""Reading templates, and seeing what a contact would get."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, Select, and_, select

from chassis.pages import keys_for, page_of
from contracts.errors import NotFound
from services.acquaintance import KnownContact, known_contact
from services.notifications.settings import business_words
from services.notifications.templates.model import MessageTemplate, TemplateVersion
from services.notifications.templates.rules import MERGE_FIELDS, Wording, render


def get_message_template(work: Any, request: Any) -> Row[Any]:
    return template_now(work.session, request.template_id)


def list_message_templates(work: Any, request: Any) -> dict[str, Any]:
    wanted = _with_wording()
    if request.channel:
        wanted = wanted.where(MessageTemplate.channel == request.channel)
    if request.purpose:
        wanted = wanted.where(MessageTemplate.purpose == request.purpose)
    listed = MessageTemplate.__table__.c
    return page_of(work, wanted, keys_for(request.sort, name=[listed.name, listed.id]), request)


def list_template_versions(work: Any, request: Any) -> dict[str, Any]:
    template_now(work.session, request.template_id)
    versions = select(TemplateVersion).where(TemplateVersion.template_id == request.template_id)
    return page_of(work, versions, [TemplateVersion.version.desc()], request)


def preview_message(work: Any, request: Any) -> dict[str, Any]:
    contact = known_contact(work, request.contact_id) if request.contact_id else None
    template = template_now(work.session, request.template_id)
    merge = merge_fields(contact, business=business_words(work), sender=work.actor.name) if contact else MERGE_FIELDS
    made = render(wording_of(template), merge)
    return {
        "subject": made.subject,
        "body_text": made.body_text,
        "body_html": made.body_html,
        "recipient": contact.email if contact else None,
    }


def template_now(session: Any, template_id: str) -> Row[Any]:
    """A template with its latest words; NotFound if there is none of that id."""
    found = session.execute(_with_wording().where(MessageTemplate.id == template_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such message template.")
    return found


def wording_of(template: Any) -> Wording:
    return Wording(template.subject, template.body_text, template.body_html)


def merge_fields(
    contact: KnownContact, *, business: Mapping[str, Mapping[str, str]], sender: str | None
) -> dict[str, dict[str, str]]:
    """The merge fields that have a value for this contact; one without is missing, so that nobody is called None."""
    told: dict[str, Mapping[str, str | None]] = {
        "contact": {
            "first_name": contact.first_name,
            "display_name": contact.display_name,
            "email": contact.email,
        },
        **business,
        "sender": {"name": sender},
    }
    return {thing: {field: text for field, text in fields.items() if text} for thing, fields in told.items()}


def _with_wording() -> Select[Any]:
    latest = and_(TemplateVersion.template_id == MessageTemplate.id, TemplateVersion.version == MessageTemplate.version)
    return select(
        *MessageTemplate.__table__.columns,
        TemplateVersion.subject,
        TemplateVersion.body_text,
        TemplateVersion.body_html,
    ).join(TemplateVersion, latest)
