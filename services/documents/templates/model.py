"""Templates and their versions."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.documents.base import Base, Id, Moment


class TemplateVersion(Base):
    """What a template said from one change to the next. The database refuses to change or delete a version."""

    __tablename__ = "template_versions"

    template_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    made_at: Mapped[dt.datetime] = mapped_column(Moment)
    made_by: Mapped[str | None] = mapped_column(Text)


class Template(Base):
    """A template; what it says now stands in its current version."""

    __tablename__ = "templates"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)

    current: Mapped[TemplateVersion] = relationship(
        primaryjoin=lambda: (
            (Template.id == TemplateVersion.template_id) & (Template.version == TemplateVersion.version)  # type: ignore[return-value]
        ),
        foreign_keys=lambda: [Template.id, Template.version],
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )
