"""Agreements, and what one of them decides alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.documents.agreements import rules
from services.documents.base import Base, Id, Moment


class Agreement(Base):
    """The words as they were frozen; the database refuses to change title, text or hash."""

    __tablename__ = "agreements"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(Id)
    contact_name: Mapped[str] = mapped_column(Text)
    template_id: Mapped[str] = mapped_column(Id)
    template_version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text, deferred=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    links: Mapped[int] = mapped_column(Integer)
    sent_by_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    link_by_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    created_by: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    viewed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    signed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    signed_name: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)

    __mapper_args__ = {"version_id_col": version}

    def state_at(self, now: dt.datetime) -> str:
        """The state at a moment: what waits past its time is expired, whether or not that was written down yet."""
        return rules.state_at(self.state, self.expires_at, now)

    def open_link(self, secret: str, key: bytes | None, expires_at: dt.datetime) -> None:
        """Open the next link; the one before it is worth nothing any more."""
        self.links += 1
        self.link_by_key = key
        self.expires_at = expires_at
        self.token_hash = rules.hash_of_token(rules.token_of(self.id, self.links, secret))

    def token(self, secrets: Sequence[str]) -> str | None:
        """The token of the link that works now; None where none of the secrets made it, which was changed since."""
        tokens = (rules.token_of(self.id, self.links, secret) for secret in secrets)
        return next((token for token in tokens if rules.hash_of_token(token) == self.token_hash), None)

    def close(self, state: str, now: dt.datetime, reason: str | None) -> None:
        """End it unsigned."""
        self.state, self.closed_at, self.reason = state, now, reason
