"""One row for every word exchanged with a contact, and one for every attempt to send it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.base import Base

_Id = Uuid(as_uuid=False)
_Moment = DateTime(timezone=True)


class Message(Base):
    """What was said, frozen when it was queued or written down; only its state changes after.

    `wire_key` names it to mail servers and is the same when a person sends the same words once more; `send_key` is
    unique, so that asking twice for one sending gives one message. The `audience` is the contact, or the team: then it
    is a letter to a colleague about the contact, and nobody's log or timeline shows it. The one-time code of a letter
    is made of `code_id` when it is handed over; from `worthless_at` on it is not sent.
    """

    __tablename__ = "messages"

    id: Mapped[str] = mapped_column(_Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(_Id)
    channel: Mapped[str]
    direction: Mapped[str]
    state: Mapped[str]
    purpose: Mapped[str | None]
    counterpart: Mapped[str | None]
    counterpart_name: Mapped[str | None]
    subject: Mapped[str | None]
    body_text: Mapped[str | None]
    body_html: Mapped[str | None]
    notes: Mapped[str | None]
    outcome: Mapped[str | None]
    duration_seconds: Mapped[int | None]
    attachment_key: Mapped[str | None]
    attachment_name: Mapped[str | None]
    template_id: Mapped[str | None] = mapped_column(_Id)
    template_version: Mapped[int | None]
    resend_of: Mapped[str | None] = mapped_column(_Id)
    code_id: Mapped[str | None] = mapped_column(_Id)
    worthless_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    send_key: Mapped[str | None]
    audience: Mapped[str] = mapped_column(default="contact")
    wire_key: Mapped[str | None] = mapped_column(_Id)
    attempts: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str | None]
    due_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    claimed_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    happened_at: Mapped[dt.datetime] = mapped_column(_Moment)
    sent_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    by_id: Mapped[str | None]
    by_name: Mapped[str | None]
    cause: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    @property
    def can_be_resent(self) -> bool:
        return self.state in ("failed", "unknown")


class Attempt(Base):
    """One try to hand a message over; `result` is null until it is known."""

    __tablename__ = "message_attempts"

    message_id: Mapped[str] = mapped_column(_Id, ForeignKey(Message.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[dt.datetime] = mapped_column(_Moment)
    ended_at: Mapped[dt.datetime | None] = mapped_column(_Moment)
    result: Mapped[str | None]
    answer: Mapped[str | None]
