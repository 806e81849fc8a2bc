"""Handing queued messages over: claimed, given to the mail server outside of any transaction, and settled.

What is claimed and never settled may have been delivered. It is given up as `unknown` and never sent again by itself;
docs/decisions/0501 tells why.
"""

from __future__ import annotations

import datetime as dt
from email.headerregistry import Address
from typing import Any

from sqlalchemy import select

from chassis import config, storage
from chassis.codes import code_of
from contracts.contacts.consent import may_send
from contracts.errors import Conflict, NotFound, Problem, Unavailable
from contracts.notifications import messages
from services.acquaintance import known_contacts
from services.notifications import settings
from services.notifications.email.letters import Attachment, Letter, address_of, bytes_of
from services.notifications.email.smtp import Handover, hand_over
from services.notifications.messages.actions import announce
from services.notifications.messages.model import Attempt, Message
from services.notifications.messages.rules import HIDDEN, pause_after, state_after

AT_ONCE = 8
"""Claimed together: what is claimed and not yet begun when a process dies is as unknown as what was handed over."""


def claim_messages(work: Any) -> list[dict[str, Any]]:
    """Take queued messages out of the queue and write down that an attempt begins.

    Archived contacts get nothing, nor does who refused it since it was queued; while the ledger of consent does not
    answer, what hangs on its word waits. A code was asked for by its reader, and hangs on nobody's.
    """
    server = settings.mail_server()
    if server is None:
        return []
    refusals = _asked_again(work)
    if not refusals:
        return []
    due = (
        select(Message, known_contacts.c.standing)
        .outerjoin(known_contacts, known_contacts.c.contact_id == Message.contact_id)
        .where(Message.state == "queued", Message.id.in_(refusals))
        .order_by(Message.due_at, Message.id)
        .with_for_update(of=Message, skip_locked=True)
    )
    claimed = []
    for message, standing in work.session.execute(due).all():
        if standing == "archived":
            _finish(work, message, "failed", "The contact was archived before the message went out.")
            continue
        if refusal := refusals[message.id]:
            _finish(work, message, "failed", refusal)
            continue
        if message.worthless_at and message.worthless_at <= work.now:
            _finish(work, message, "failed", "It would have come too late to be of use.")
            continue
        message.state, message.attempts, message.claimed_at = "sending", message.attempts + 1, work.now
        work.session.add(Attempt(message_id=message.id, number=message.attempts, began_at=work.now))
        claimed.append(_item(message, work.now + dt.timedelta(seconds=server.seconds)))
    return claimed


def _asked_again(work: Any) -> dict[str, str | None]:
    """The next messages that are due, and why each may not be sent now; those of which nobody could tell are left."""
    due = select(Message.id, Message.contact_id, Message.channel, Message.purpose, Message.audience, Message.code_id)
    due = due.where(Message.state == "queued", Message.due_at <= work.now)
    found = work.reading.execute(due.order_by(Message.due_at, Message.id).limit(AT_ONCE)).all()
    asked = [one for one in found if one.audience == "contact" and one.purpose and one.code_id is None]
    questions = [
        (may_send, {"contact_id": one.contact_id, "channel": one.channel, "purpose": one.purpose}) for one in asked
    ]
    refusals: dict[str, str | None] = {one.id: None for one in found if one not in asked}
    for one, verdict in zip(asked, work.ask_all(questions) if questions else (), strict=True):
        if isinstance(verdict, Unavailable):
            continue
        if isinstance(verdict, Problem):
            refusals[one.id] = f"Not sent: {verdict.detail}"
        else:
            refusals[one.id] = None if verdict["allowed"] else f"Not sent: {verdict['because']}."
    return refusals


def hand_message_over(item: dict[str, Any]) -> dict[str, str]:
    """Give one claimed message to the mail server, unless the claim has grown old meanwhile."""
    server = settings.mail_server()
    assert server is not None
    sender = settings.mail_from()
    try:
        letter = bytes_of(_letter(item, sender))
    except (Conflict, NotFound, ValueError) as error:
        return {"result": "failed", "answer": f"Not a letter that can be sent: {error}"}
    done = hand_over(
        server,
        sender=sender.addr_spec,
        recipient=address_of(item["counterpart"]).addr_spec,
        letter=letter,
        # A process that slept with the claim in its hands may find that a person has decided meanwhile.
        may_begin=lambda: dt.datetime.now(dt.UTC) < dt.datetime.fromisoformat(item["begin_before"]),
    )
    return {"result": done.result, "answer": done.answer}


def settle_message(work: Any, item: dict[str, Any], outcome: dict[str, str] | None, error: Any) -> None:
    """Write down what came of an attempt; where our own code failed on the way, nobody knows."""
    told = Handover(**outcome) if outcome else Handover("unknown", f"{type(error).__name__} on our side")  # type: ignore[arg-type]
    message = work.session.get(Message, item["id"], with_for_update=True)
    if message.attempts != item["attempt"] or message.state not in ("sending", "unknown"):
        return
    attempt = work.session.get(Attempt, (message.id, message.attempts))
    attempt.ended_at, attempt.result, attempt.answer = work.now, told.result, told.answer
    state = state_after(message.state, told.result, message.attempts)
    if state == "queued":
        message.state, message.answer = state, told.answer
        message.due_at = work.now + pause_after(message.attempts)
    elif state != message.state:
        _finish(work, message, state, told.answer)


def give_up_on_lost_messages(work: Any) -> None:
    """Say of messages whose process never came back that nobody knows whether they went out."""
    server = settings.mail_server()
    patience = dt.timedelta(seconds=3 * (server.seconds if server else 60.0))
    lost = (
        select(Message)
        .where(Message.state == "sending", Message.claimed_at < work.now - patience)
        .order_by(Message.id)
        .limit(1000)
        .with_for_update(skip_locked=True)
    )
    for message in work.session.execute(lost).scalars():
        _finish(work, message, "unknown", "The process that sent it died before it could tell what came of it.")


_TOLD = {
    "sent": messages.message_sent,
    "failed": messages.message_failed,
    "unknown": messages.message_unknown,
}


def _finish(work: Any, message: Message, state: str, answer: str) -> None:
    message.state, message.answer, message.due_at = state, answer, None
    work.go_on(message.cause)
    if state == "sent":
        message.sent_at = work.now
        announce(work, messages.message_sent, message)
    else:
        announce(work, _TOLD[state], message, reason=answer)


def _item(message: Message, begin_before: dt.datetime) -> dict[str, Any]:
    return {
        "id": message.id,
        "cause": message.cause,
        "attempt": message.attempts,
        "wire_key": message.wire_key,
        "counterpart": message.counterpart,
        "counterpart_name": message.counterpart_name,
        "subject": message.subject,
        "body_text": message.body_text,
        "body_html": message.body_html,
        "code_id": message.code_id,
        "attachment_key": message.attachment_key,
        "attachment_name": message.attachment_name,
        "written_at": message.happened_at.isoformat(),
        "begin_before": begin_before.isoformat(),
    }


def _in_full(item: dict[str, Any]) -> str:
    """The words, and the one-time code in them if they have one: it is kept nowhere."""
    words: str = item["body_text"]
    return words.replace(HIDDEN, code_of(item["code_id"], config.settings().secret)) if item["code_id"] else words


def _letter(item: dict[str, Any], sender: Address) -> Letter:
    return Letter(
        key=item["wire_key"],
        sender=sender,
        recipient=item["counterpart"],
        recipient_name=item["counterpart_name"] or "",
        subject=item["subject"],
        body_text=_in_full(item),
        body_html=item["body_html"],
        attachment=_attachment(item),
        written_at=dt.datetime.fromisoformat(item["written_at"]),
    )


def _attachment(item: dict[str, Any]) -> Attachment | None:
    if item["attachment_key"] is None:
        return None
    with storage.open(item["attachment_key"]) as file:
        return Attachment(item["attachment_name"], file.read())
