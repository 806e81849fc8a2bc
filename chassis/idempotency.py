"""A write is done once for each key: its answer is stored in its own transaction and given again.

Every write has a key. The client's `Idempotency-Key` if it sent one, else the id of the call, so that a message that
RabbitMQ delivers twice is harmless as well. The row is written last: when two calls of one key race, the second waits
on the first one's row, is rolled back, and gives the first one's answer.

While the secret is changed, a key has a row for each secret that is believed: whichever of them a process signs with,
it finds what another did.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.tables import answers
from chassis.wire import dumps
from contracts.errors import Conflict, Invalid

STALE_SECONDS = 60
"""A first call that has not answered for so long is dead; the next one of its key takes over."""


_INSERT = """
    INSERT INTO answers (key, fingerprint, answer)
    SELECT key, fingerprint, CAST(%(answer)s AS jsonb)
    FROM unnest(%(keys)s, %(fingerprints)s) AS known (key, fingerprint)
"""
_UPDATE = "UPDATE answers SET answer = %(answer)s WHERE key = ANY (%(keys)s)"


class AlreadyDone(Exception):
    """Another call of the same key came first."""


class Once:
    """The key of one call, and its row. A key is its actor's own; nobody's is theirs who know the whole request."""

    def __init__(
        self, *, actor: str | None, method: str, key: str, request: dict[str, Any], secrets: Sequence[str]
    ) -> None:
        said, rows = dumps(request), []
        for secret in secrets:
            fingerprint = _digest(said, secret)
            rows.append((_digest(f"{actor or fingerprint}\0{method}\0{key}", secret), fingerprint))
        self._fingerprints = dict(
            sorted(rows)
        )  # in one order, or two calls of a key might wait for each other for ever
        self._begun = False
        self.answer: Any = None
        self.answered = False

    def last_words(self) -> tuple[str, dict[str, Any]]:
        """The statement that keeps the key, with the answer if there is one yet, and its values."""
        answer = dumps({"is": self.answer}) if self.answered else None
        return _UPDATE if self._begun else _INSERT, {
            "keys": list(self._fingerprints),
            "fingerprints": list(self._fingerprints.values()),
            "answer": answer,
        }

    def kept(self) -> None:
        """Its row stands."""
        self._begun = True

    def came_second(self, error: IntegrityError) -> bool:
        """Whether a transaction failed because another call has the key."""
        return getattr(getattr(error.orig, "diag", None), "constraint_name", None) == "answers_pkey"

    def recall(self, session: Session) -> tuple[bool, Any]:
        """Look for the answer of an earlier call: whether there is one, and what it was."""
        row = session.execute(sa.select(answers).where(self._rows)).first()
        if row is None:
            return False, None
        if row.fingerprint != self._fingerprints[row.key]:
            raise Invalid("This Idempotency-Key was used for a different request.")
        if row.answer is None:
            return False, None
        return True, row.answer["is"]

    @property
    def _rows(self) -> sa.ColumnElement[bool]:
        return answers.c.key.in_(self._fingerprints)

    def wait(self, open_session: Callable[[], Session], sleep: Callable[[float], None], seconds: float) -> Any:
        """Give the first call's answer when it has one; Conflict when it is still at work after `seconds`."""
        ends = time.monotonic() + seconds
        while True:
            with open_session() as session:
                found, answer = self.recall(session)
                if found:
                    return answer
                if self._forget_dead(session):
                    raise Conflict("An earlier try of this request did not finish. Send it again.", retry_after=1)
            if time.monotonic() > ends:
                raise Conflict("A request of the same Idempotency-Key is still at work.", retry_after=1)
            sleep(0.05)

    def _forget_dead(self, session: Session) -> bool:
        age = sa.func.now() - sa.cast(sa.literal(f"{STALE_SECONDS} seconds"), sa.Interval)
        dead = self._rows & answers.c.answer.is_(None) & (answers.c.made_at < age)
        return session.execute(sa.delete(answers).where(dead).returning(answers.c.key)).first() is not None


def _digest(text: str, secret: str) -> str:
    """Keyed, for a request may hold a password, and a bare hash of it could be guessed."""
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()
