"""Groups, and who is in which."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Group(Base):
    """A list with a name; a deleted one is gone from sight, and from here once its members have left."""

    __tablename__ = "groups"

    id: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    name_key: Mapped[str] = mapped_column(sa.Text, comment="as it is compared")
    description: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[Moment]
    created_by: Mapped[str | None] = mapped_column(sa.Text)
    deleted_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(sa.BigInteger, default=1)

    __table_args__ = (sa.Index("groups_name", "name_key", unique=True, postgresql_where=sa.text("deleted_at IS NULL")),)


class GroupMember(Base):
    """A contact is in a group."""

    __tablename__ = "group_members"

    group_id: Mapped[Key] = mapped_column(sa.ForeignKey("groups.id"), primary_key=True)
    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"), primary_key=True)
    added_at: Mapped[Moment]
    added_by: Mapped[str | None] = mapped_column(sa.Text)

    __table_args__ = (
        sa.Index("group_members_contact", "contact_id"),
        sa.Index("group_members_latest", "group_id", "added_at", "contact_id"),
    )
