"""A template and its versions; a version is never changed once written."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import DateTime, ForeignKey, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from services.notifications.base import Base
from services.notifications.templates.rules import Wording


class MessageTemplate(Base):
    """What a template is called and for; its words are those of its latest `version`."""

    __tablename__ = "message_templates"

    id: Mapped[str] = mapped_column(Uuid(as_uuid=False), primary_key=True)
    name: Mapped[str]
    channel: Mapped[str]
    purpose: Mapped[str]
    version: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    changed_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))


class TemplateVersion(Base):
    """One wording, and who wrote it."""

    __tablename__ = "message_template_versions"

    template_id: Mapped[str] = mapped_column(Uuid(as_uuid=False), ForeignKey(MessageTemplate.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str | None]
    written_at: Mapped[dt.datetime] = mapped_column(DateTime(timezone=True))
    written_by: Mapped[str]

    @property
    def wording(self) -> Wording:
        return Wording(self.subject, self.body_text, self.body_html)
