"""Forms and answers, each with all of its versions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.documents.base import Base, Id, Moment


class FormVersion(Base):
    """What a form asked from one change to the next. The database refuses to change or delete a version."""

    __tablename__ = "form_versions"

    form_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str | None] = mapped_column(Text)
    questions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    archived: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_by: Mapped[str | None] = mapped_column(Text)


class Form(Base):
    """A form; what it asks now stands in its current version."""

    __tablename__ = "forms"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    archived: Mapped[bool] = mapped_column(Boolean)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)

    current: Mapped[FormVersion] = relationship(
        primaryjoin=lambda: (Form.id == FormVersion.form_id) & (Form.version == FormVersion.version),  # type: ignore[return-value]
        foreign_keys=lambda: [Form.id, Form.version],
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )


class Answers(Base):
    """Answers as they were given at once. The database refuses to change them."""

    __tablename__ = "filled_form_versions"

    filled_form_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    contact_id: Mapped[str] = mapped_column(Id)
    form_version: Mapped[int] = mapped_column(Integer)
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("filled_form_versions_of_contact", "contact_id"),)


class FilledForm(Base):
    """Answers of a contact to a form, as they stand; title, and what they lack, are those of the version answered."""

    __tablename__ = "filled_forms"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(Id)
    form_id: Mapped[str] = mapped_column(Id)
    form_version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    lacks: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    changed_by: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        Index("filled_forms_of_contact", "contact_id", "id"),
        Index("filled_forms_of_form", "form_id", "id"),
        Index("filled_forms_of_kind", "kind", "id"),
    )

    @property
    def told(self) -> dict[str, Any]:
        """What every event of it says."""
        names = ("form_id", "kind", "title", "form_version", "version")
        return {name: getattr(self, name) for name in names} | {"filled_form_id": self.id, "complete": not self.lacks}
