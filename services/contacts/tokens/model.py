"""What is kept of a session, whoever it is that signed in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from services.contacts.base import Key, Moment


class Renewed:
    """One signing in; its refresh token is renewed at every use, and the one before it is an alarm."""

    id: Mapped[Key] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(Text, comment="SHA-256 of the token that is good now")
    token_hash_before: Mapped[str | None] = mapped_column(Text, comment="of the one that it was made of")
    renewed_at: Mapped[Moment | None]
    expires_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    created_at: Mapped[Moment]

    def is_over(self, now: dt.datetime) -> bool:
        return self.ended_at is not None or self.expires_at <= now
