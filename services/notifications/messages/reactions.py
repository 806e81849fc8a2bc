"""Messages that somebody wants sent to many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from contracts.errors import Blocked, Conflict, Problem
from contracts.notifications.messages import message_queued, message_refused
from services.acquaintance import KnownContact
from services.acquaintance.queries import recall
from services.notifications.email.letters import address_of
from services.notifications.messages.actions import announce
from services.notifications.messages.model import Message
from services.notifications.settings import business_words
from services.notifications.templates.queries import merge_fields, template_now, wording_of
from services.notifications.templates.rules import render


class _Templates:
    """Templates as they are now, and how the business signs: each read once a batch."""

    def __init__(self, work: Any) -> None:
        self.business = business_words(work)
        self._session = work.session
        self._known: dict[str, Any] = {}

    def get(self, template_id: str) -> Any:
        if template_id not in self._known:
            self._known[template_id] = template_now(self._session, template_id)
        return self._known[template_id]


def queue_asked(work: Any, events: Sequence[Any]) -> None:
    """Queue one message for each contact of a bulk action, or tell why not; asked again, nothing more happens."""
    keys = {_key(event): event for event in events}
    queued = set(work.session.scalars(select(Message.send_key).where(Message.send_key.in_(list(keys)))))
    known = recall(work.session, [event.subject for event in events])
    templates = _Templates(work)
    for key, event in keys.items():
        if key in queued:
            continue
        work.because_of([event])
        try:
            message = _message(work, event, key, templates, known.get(event.subject))
        except Problem as problem:
            work.record(
                message_refused, event.subject, channel="email", reason=problem.detail, bulk_id=event.data.bulk_id
            )
            continue
        work.session.add(message)
        announce(work, message_queued, message, bulk_id=event.data.bulk_id)
    work.wake()


def _message(work: Any, event: Any, key: str, templates: _Templates, known: KnownContact | None) -> Message:
    """The message, rendered and frozen; refused as a Problem."""
    told = event.data
    if known is not None and known.standing != "active":
        raise Blocked(f"{told.display_name} is {known.standing} and is sent nothing.")
    address_of(told.email)
    template = templates.get(told.template_id)
    if template.channel != "email":
        raise Conflict(f"The template {template.name} is for {template.channel}.")
    if told.purpose and template.purpose != told.purpose:
        raise Conflict(f"The contact lets us send {told.purpose} messages; the template is for {template.purpose} now.")
    contact = KnownContact(event.subject, told.display_name, told.first_name, told.email)
    sender = event.actor or {}
    made = render(wording_of(template), merge_fields(contact, business=templates.business, sender=sender.get("name")))
    id = new_id()
    return Message(
        id=id, wire_key=id, send_key=key, contact_id=event.subject, channel="email", direction="out", state="queued",
        purpose=template.purpose, counterpart=told.email, counterpart_name=told.display_name, subject=made.subject,
        body_text=made.body_text, body_html=made.body_html, template_id=template.id,
        template_version=template.version, attempts=0, happened_at=work.now, due_at=work.now,
        by_id=sender.get("id"), by_name=sender.get("name"), cause=work.cause_of(event.subject).told,
    )  # fmt: skip


def _key(event: Any) -> str:
    return f"bulk:{event.data.bulk_id}:{event.subject}"
