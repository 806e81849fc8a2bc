"""Imports, and what became of each row of theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Import(Base):
    """A file that somebody imports; its id is also its job's. `layout` is how the file was found to be written."""

    __tablename__ = "imports"

    id: Mapped[Key] = mapped_column(primary_key=True)
    file_key: Mapped[str] = mapped_column(Text)
    file_name: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(Text)
    on_conflict: Mapped[str] = mapped_column(Text, default="keep", server_default="keep")
    companies: Mapped[str] = mapped_column(Text, default="create", server_default="find")
    match_on: Mapped[list[str]] = mapped_column(JSONB)
    mapping: Mapped[dict[str, str]] = mapped_column(JSONB)
    layout: Mapped[dict[str, Any]] = mapped_column(JSONB)
    started_at: Mapped[Moment]
    started_by: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[Key | None] = mapped_column(comment="reads or imports it; null: the same id")
    undo_job_id: Mapped[Key | None]
    previewed: Mapped[bool] = mapped_column(default=False)
    started: Mapped[bool] = mapped_column(default=True)
    wishes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    mapping_id: Mapped[Key | None]
    version: Mapped[int] = mapped_column(BigInteger, default=1)

    __table_args__ = (Index("imports_started", "started_at"),)


class ImportRow(Base):
    """What became of one row; the cells are kept only of those that were rejected, the others are in the file.

    A company entered because a row's person belongs to it has that row's line below zero: taken back after all rows.
    """

    __tablename__ = "import_rows"

    import_id: Mapped[Key] = mapped_column(ForeignKey("imports.id"), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text, comment="created, updated, unchanged, rejected or blank")
    contact_id: Mapped[Key | None]
    reasons: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    cells: Mapped[list[str] | None] = mapped_column(JSONB)
    effects: Mapped[dict[str, Any] | None] = mapped_column(JSONB, comment="what it changed, to be taken back")
    told: Mapped[dict[str, Any] | None] = mapped_column(JSONB, comment="what this very row changed, and what not")
    undone: Mapped[str | None] = mapped_column(Text, comment="taken_back or left")
    undo_remarks: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)

    __table_args__ = (
        Index("import_rows_by_outcome", "import_id", "outcome", "line"),
        Index("import_rows_left", "import_id", "line", postgresql_where=text("undone = 'left'")),
        Index("import_rows_of_contact", "contact_id", postgresql_where=text("contact_id IS NOT NULL")),
    )


class ImportMapping(Base):
    """How the columns of a header were mapped by hand the last time; `signature` tells one header from another."""

    __tablename__ = "import_mappings"

    id: Mapped[Key] = mapped_column(primary_key=True)
    signature: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    headers: Mapped[list[str]] = mapped_column(JSONB)
    mapping: Mapped[dict[str, str]] = mapped_column(JSONB)
    used_at: Mapped[Moment]
    changed_by: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
