"""The tags of the business, and who has which."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment


class Tag(Base):
    """A word as it was first typed; `key` is what makes two spellings one tag.

    The business' own “Trial” is another tag than the system's `trial`, which only the system puts on.
    """

    __tablename__ = "tags"
    __table_args__ = (sa.UniqueConstraint("key", "system", name="tags_key"),)

    id: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.Text)
    key: Mapped[str] = mapped_column(sa.Text)
    system: Mapped[bool] = mapped_column(server_default=sa.false())
    meaning: Mapped[str | None] = mapped_column(sa.Text, comment="of a system tag: when it is put on")
    version: Mapped[int] = mapped_column(sa.BigInteger, server_default="1")
    removed_at: Mapped[Moment | None] = mapped_column(comment="gone from sight, and soon from who had it")


class ContactTag(Base):
    """A contact has a tag."""

    __tablename__ = "contact_tags"
    __table_args__ = (sa.Index("contact_tags_by_tag", "tag_id", "contact_id"),)

    contact_id: Mapped[Key] = mapped_column(sa.ForeignKey("contacts.id"), primary_key=True)
    tag_id: Mapped[Key] = mapped_column(sa.ForeignKey("tags.id"), primary_key=True)
    tagged_at: Mapped[Moment]
