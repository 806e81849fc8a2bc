"""Queueing messages: rendered and frozen now, sent by an errand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from chassis.ids import new_id
from contracts.contacts import consent
from contracts.errors import Blocked, Conflict
from contracts.notifications import messages
from services.acquaintance import KnownContact, known_contact
from services.notifications.email.letters import address_of
from services.notifications.messages.model import Message
from services.notifications.messages.queries import get_message
from services.notifications.settings import business_words
from services.notifications.templates.queries import merge_fields, template_now, wording_of
from services.notifications.templates.rules import render


def send_message(work: Any, request: Any) -> Message:
    """Render a template for a contact and queue it; the same idempotency key gives the same message for ever."""
    template = template_now(work.reading, request.template_id)
    if template.channel != request.channel:
        raise Conflict(f"The template {template.name} is for {template.channel}.")
    contact = _willing(work, request.contact_id, template.channel, template.purpose)
    key = f"{work.actor.id}:{work.key}" if work.key else new_id()
    asked_before = _queued_under(work, key)
    if asked_before:
        if (asked_before.contact_id, asked_before.template_id) != (request.contact_id, request.template_id):
            raise Conflict("This Idempotency-Key was used for another message.")
        return asked_before
    merge = merge_fields(contact, business=business_words(work), sender=work.actor.name)
    made = render(wording_of(template), merge)
    id = new_id()
    message = Message(
        id=id, wire_key=id, send_key=key, purpose=template.purpose, template_id=template.id,
        template_version=template.version, subject=made.subject, body_text=made.body_text, body_html=made.body_html,
    )  # fmt: skip
    return _queue(work, message, contact)


def resend_message(work: Any, request: Any) -> Message:
    """Queue the same words once more, to the contact's address of today; a message is resent once, its resend again."""
    lost = get_message(work, request)
    _refuse_the_settled(lost)
    contact_id, channel, purpose = lost.contact_id, lost.channel, lost.purpose
    work.session.rollback()
    contact = _willing(work, contact_id, channel, purpose or "transactional")
    lost = work.session.get(Message, request.message_id, with_for_update=True, populate_existing=True)
    _refuse_the_settled(lost)
    key = f"resend:{lost.id}"
    if _queued_under(work, key):
        raise Conflict("The message was already sent again.")
    message = Message(
        id=new_id(), wire_key=lost.wire_key, send_key=key, resend_of=lost.id, purpose=lost.purpose,
        template_id=lost.template_id, template_version=lost.template_version, subject=lost.subject,
        body_text=lost.body_text, body_html=lost.body_html, attachment_key=lost.attachment_key,
        attachment_name=lost.attachment_name,
    )  # fmt: skip
    return _queue(work, message, contact)


def queue_for_team(work: Any, *, contact_id: str, member: Mapping[str, Any], key: str, subject: str, text: str) -> None:
    """Queue a letter to a team member about a contact; under the same key there is one for ever."""
    if _queued_under(work, key):
        return
    id = new_id()
    letter = Message(
        id=id, wire_key=id, send_key=key, purpose="reminders", audience="team", subject=subject, body_text=text
    )
    to = KnownContact(contact_id=contact_id, display_name=member["name"], email=member["email"])
    _queue(work, letter, to)


def queue_paper(
    work: Any, contact: KnownContact, *, key: str, subject: str, text: str, attachment: tuple[str, str]
) -> None:
    """Queue a letter with a PDF, `(key, name)` in storage, to a contact; under the same key there is one for ever."""
    if _queued_under(work, key):
        return
    _must_be_reachable(contact)
    id = new_id()
    letter = Message(
        id=id, wire_key=id, send_key=key, purpose="transactional", subject=subject, body_text=text,
        attachment_key=attachment[0], attachment_name=attachment[1],
    )  # fmt: skip
    _queue(work, letter, contact)


def queue_code(work: Any, contact: KnownContact, *, code_id: str, until: dt.datetime, subject: str, text: str) -> None:
    """Queue a letter with the one-time code of this id, not to be sent later than `until`; there is one for ever."""
    key = f"code:{code_id}"
    if _queued_under(work, key):
        return
    _must_be_reachable(contact)
    id = new_id()
    letter = Message(
        id=id, wire_key=id, send_key=key, purpose="transactional", subject=subject, body_text=text, code_id=code_id,
        worthless_at=until,
    )  # fmt: skip
    _queue(work, letter, contact)


def _refuse_the_settled(message: Message) -> None:
    if message.audience == "team":
        raise Conflict("It was a letter to a team member, and is not sent again.")
    if message.code_id:
        raise Conflict("It had a one-time code in it, and is not sent again; a new code can be asked for.")
    if not message.can_be_resent:
        raise Conflict(f"The message is {message.state}; only one that failed or whose outcome is unknown is resent.")


def _willing(work: Any, contact_id: str, channel: str, purpose: str) -> KnownContact:
    """A contact that can be sent this now, as the ledger of consent says; while it does not answer, nothing is sent."""
    verdict = work.ask(consent.may_send, contact_id=contact_id, channel=channel, purpose=purpose)
    contact = _reachable(work, contact_id)
    if not verdict["allowed"]:
        detail = f"{contact.display_name} is not sent this: {verdict['because']}."
        raise Blocked(detail, [{"pointer": "/contact_id", "detail": detail}])
    return contact


def _reachable(work: Any, contact_id: str) -> KnownContact:
    """A contact that may be sent something, and can be."""
    contact = known_contact(work, contact_id)
    _must_be_reachable(contact)
    return contact


def _must_be_reachable(contact: KnownContact) -> None:
    if contact.standing == "archived":
        detail = f"{contact.display_name} is archived and is sent nothing."
        raise Blocked(detail, [{"pointer": "/contact_id", "detail": detail}])
    if not contact.email:
        detail = f"{contact.display_name} has no e-mail address."
        raise Conflict(detail, [{"pointer": "/contact_id", "detail": detail}])
    address_of(contact.email)


def _queued_under(work: Any, key: str) -> Message | None:
    found: Message | None = work.session.execute(select(Message).where(Message.send_key == key)).scalar_one_or_none()
    return found


def _queue(work: Any, message: Message, contact: KnownContact) -> Message:
    message.contact_id, message.channel, message.direction = contact.contact_id, "email", "out"
    message.counterpart, message.counterpart_name = contact.email, contact.display_name
    message.state, message.attempts, message.happened_at, message.due_at = "queued", 0, work.now, work.now
    message.by_id, message.by_name = work.actor.id, work.actor.name
    message.cause = work.cause_of(contact.contact_id).told
    work.session.add(message)
    work.session.flush()
    announce(work, messages.message_queued, message)
    work.wake()
    return message


def announce(work: Any, event: Any, message: Message, **more: Any) -> None:
    """Tell what became of a message; its words stay here, and a letter to the team is told to nobody."""
    if message.audience == "team":
        return
    work.record(
        event, message.contact_id, message_id=message.id, channel=message.channel,
        subject_line=message.subject, purpose=message.purpose, **more,
    )  # fmt: skip
