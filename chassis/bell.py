"""A bell between the processes of one service: a commit rings it, and whoever waits for work looks at once.

Ringing is PostgreSQL's NOTIFY, sent after the commit and on a connection of its own: inside the transaction it would
make all commits of the database wait for each other. A ring that is lost costs a second, no more, because everyone
looks every second anyway.
"""

from __future__ import annotations

from typing import Any

import eventlet
import psycopg2
import sqlalchemy as sa
from eventlet.event import Event as Signal
from eventlet.hubs import trampoline
from sqlalchemy.exc import SQLAlchemyError

from chassis import telemetry

EVENTS, JOBS = "rapport_events", "rapport_jobs"
"""What there is to do: events to be told, or jobs and errands to be done."""
log = telemetry.logger(__name__)


GATHERING_SECONDS = 0.02
"""The first ring is heard at once; whoever heard it is busy for so long, and the next ones become one."""


class Bell:
    """Rings; several rings in a short time become one."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._wanted: set[str] = set()
        self._ringing = False

    def ring(self, *channels: str) -> None:
        """Tell the others, soon; never fails and never waits."""
        self._wanted.update(channels)
        if self._wanted and not self._ringing:
            self._ringing = True
            eventlet.spawn_n(self._ring)

    def _ring(self) -> None:
        try:
            while self._wanted:
                words = "; ".join(f"NOTIFY {channel}" for channel in self._wanted)
                self._wanted.clear()
                with self._engine.connect() as connection:
                    connection.exec_driver_sql(words)
                eventlet.sleep(GATHERING_SECONDS)
        except SQLAlchemyError as error:
            log.info("bell not rung", error=type(error).__name__)
        finally:
            self._ringing = False


class Ear:
    """Hears some channels of the bell, and wakes those who wait for them."""

    def __init__(self, url: str, *channels: str) -> None:
        self._dsn = url.replace("+psycopg2", "")
        self._channels = channels
        self._signals: dict[str | None, Signal] = {}
        self._listening = False

    def wait(self, seconds: float, channel: str | None = None) -> None:
        """Return when the bell rang on the channel, when everybody is woken, or when the seconds are over."""
        if not self._listening:
            self._listening = True
            eventlet.spawn_n(self._listen)
        signal = self._signals.setdefault(channel, Signal())
        with eventlet.Timeout(seconds, False):
            signal.wait()

    def wake(self, channel: str) -> None:
        """Wake who waits for the channel in this process."""
        signal = self._signals.pop(channel, None)
        if signal is not None:
            signal.send()

    def wake_all(self) -> None:
        """Wake all who wait in this process, whatever for."""
        signals, self._signals = self._signals, {}
        for signal in signals.values():
            signal.send()

    def _listen(self) -> None:
        while True:
            try:
                self._hear(psycopg2.connect(self._dsn, connect_timeout=3, application_name="rapport ear"))
            except (psycopg2.Error, OSError) as error:
                log.info("bell not heard", error=type(error).__name__)
            eventlet.sleep(1)

    def _hear(self, connection: Any) -> None:
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for channel in self._channels:
                    cursor.execute(f"LISTEN {channel}")
            while True:
                trampoline(connection.fileno(), read=True)
                connection.poll()
                heard = {notice.channel for notice in connection.notifies}
                connection.notifies.clear()
                for channel in heard:
                    self.wake(channel)
        finally:
            connection.close()
