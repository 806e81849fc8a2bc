"""What the chassis keeps no longer than it is of use: applied event ids and stored answers."""

from __future__ import annotations

import sqlalchemy as sa

from chassis import inbox, telemetry
from chassis.tables import answers, events, relay
from chassis.work import Work

INBOX_DAYS = 14
ANSWER_DAYS = 2
EVERY_SECONDS = 600.0
MEASURE_SECONDS = 15.0


def tidy(work: Work) -> None:
    """Forget what is older than any repetition of it."""
    inbox.forget(work.session, INBOX_DAYS)
    age = sa.func.now() - sa.func.make_interval(0, 0, 0, ANSWER_DAYS)
    work.session.execute(sa.delete(answers).where(answers.c.made_at < age))


def measure(work: Work) -> None:
    """Note how many events wait for the broker."""
    fresh = sa.select(sa.func.count()).where(events.c.position.is_(None)).scalar_subquery()
    waiting = sa.select(fresh + relay.c.assigned - relay.c.published)
    telemetry.OUTBOX.labels(work.service).set(work.session.scalar(waiting) or 0)
