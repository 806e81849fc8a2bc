"""Notes, and the texts that they had before."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Note(Base):
    """A note; the author's name is kept as it was when they wrote it. A removed one is in no list."""

    __tablename__ = "notes"
    __table_args__ = (
        sa.Index("notes_of_contact", "contact_id", sa.text("pinned DESC"), sa.text("id DESC")),
        sa.Index("notes_of_contact_by_age", "contact_id", "id"),
    )

    id: Mapped[Key] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    pinned: Mapped[bool] = mapped_column(server_default=sa.false())
    author_id: Mapped[str | None] = mapped_column(sa.Text)
    author_name: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[Moment]
    edited_at: Mapped[Moment | None]
    removed_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(server_default="1")

    @property
    def author(self) -> dict[str, Any]:
        return {"id": self.author_id, "name": self.author_name}


class NoteVersion(Base):
    """A text that the note no longer has; `version` is the note's, as long as it had it."""

    __tablename__ = "note_versions"

    note_id: Mapped[Key] = mapped_column(sa.ForeignKey("notes.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"))
    text: Mapped[str] = mapped_column(sa.Text)
    replaced_at: Mapped[Moment]
