"""Accounts, their sessions, the tries to sign in, and the keys of other systems."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text, cast, exists, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, column_property, mapped_column

from services.contacts.base import Base, Key, Moment
from services.contacts.tokens.model import Renewed


class TeamMember(Base):
    """Never deleted: who leaves is deactivated and keeps their name on what they wrote."""

    __tablename__ = "team_members"

    id: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, comment="as typed")
    normalised_email: Mapped[str] = mapped_column(Text, unique=True)
    role: Mapped[str] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str] = mapped_column(Text, comment="argon2id")
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    created_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class SignedInSession(Renewed, Base):
    """A session of somebody who works here."""

    __tablename__ = "team_sessions"

    team_member_id: Mapped[Key] = mapped_column(ForeignKey("team_members.id"))

    __table_args__ = (
        Index("team_sessions_member", "team_member_id"),
        Index("team_sessions_expiry", "expires_at"),
        Index("team_sessions_ended", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
    )


class SignInTries(Base):
    """Counted for each address, known or not, before the password is looked at."""

    __tablename__ = "sign_in_tries"

    normalised_email: Mapped[str] = mapped_column(Text, primary_key=True)
    tries: Mapped[int] = mapped_column(Integer)
    since: Mapped[Moment]


class ApiKey(Base):
    """Never deleted: what another system wrote keeps the key's name."""

    __tablename__ = "api_keys"

    id: Mapped[Key] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSONB)
    secret_hash: Mapped[str] = mapped_column(Text, comment="SHA-256; the secret itself is kept nowhere")
    made_at: Mapped[Moment]
    made_by: Mapped[str | None] = mapped_column(Text)
    expires_at: Mapped[Moment | None]
    last_used_at: Mapped[Moment | None]
    revoked_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column(BigInteger, default=1)

    made_by_left: Mapped[bool] = column_property(
        exists().where(cast(TeamMember.id, Text) == made_by, ~TeamMember.active).correlate_except(TeamMember)
    )

    __table_args__ = (Index("api_keys_revoked", "revoked_at", postgresql_where=text("revoked_at IS NOT NULL")),)

    def is_good(self, now: dt.datetime) -> bool:
        """Whether it opens the door at this moment."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)
