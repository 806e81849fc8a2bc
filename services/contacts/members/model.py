"""The codes that were asked for, and the sessions of those who came by them."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Base, Key, Moment
from services.contacts.tokens.model import Renewed


class MemberCode(Base):
    """The last code that was asked for by an address, known or not, by strangers or by devices that somebody has signed
    in on by it; the code itself is kept nowhere.

    `code_id` is that of which the code is made, null once it was used.
    """

    __tablename__ = "member_codes"

    counted_by: Mapped[str] = mapped_column("normalised_email", Text, key="counted_by", primary_key=True)
    code_id: Mapped[Key | None] = mapped_column(unique=True)
    tries: Mapped[int] = mapped_column(SmallInteger)
    expires_at: Mapped[Moment]
    asked: Mapped[int] = mapped_column(comment="how many codes without an hour between two of them")
    last_sent_at: Mapped[Moment] = mapped_column("asked_since", key="last_sent_at")

    __table_args__ = (Index("member_codes_since", "last_sent_at"),)


class MemberSession(Renewed, Base):
    """A session of a contact."""

    __tablename__ = "member_sessions"

    contact_id: Mapped[Key] = mapped_column(ForeignKey("contacts.id"))
    opened_by: Mapped[str | None] = mapped_column(Text, comment="the address as compared; null before 0048")

    __table_args__ = (
        Index("member_sessions_open", "contact_id", postgresql_where=text("ended_at IS NULL")),
        Index("member_sessions_expiry", "expires_at"),
        Index("member_sessions_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )
