"""Publish again what the logs hold: `python -m chassis.replay [service …] --since TIME [--to LISTENER …]`.

For the day on which the broker lost what it held, or a service its database. Each listener gets, straight into its
queue, those events since then that its inbox does not know; one that comes twice all the same is applied once. With
`--subscribers` everything since then is announced anew on the exchanges, for listeners elsewhere, who know an event by
its id. TIME is RFC 3339, or how long ago: 90m, 2h, 3d.
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.broker import Outgoing, Publisher
from chassis.config import SERVICES, settings
from chassis.housekeeping import INBOX_DAYS
from chassis.migrate import declare_queues, listeners_of, service_class
from chassis.relay import TOLD, as_cloud_event
from chassis.tables import inbox
from chassis.topology import queue_of

BATCH = 500
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_FIRST = sa.text("SELECT min(position) FROM events WHERE id >= :bound")
_FOLLOWING = sa.text(f"SELECT {TOLD} FROM events WHERE position > :after ORDER BY position LIMIT {BATCH}")


@dataclass(frozen=True)
class Listener:
    """A door that hears, and what it hears: `(service, type)` each."""

    service: str
    door: str
    hears: frozenset[tuple[str, str]]

    @property
    def queue(self) -> str:
        return queue_of(self.service, self.door)


def listeners_named(names: Sequence[str]) -> list[Listener]:
    """The listeners of these services or of these names (`billing`, `billing.remember_contact`); of all without any."""
    found = []
    for service in SERVICES:
        wanted = {name for name in names if name.partition(".")[0] == service}
        if names and not wanted:
            continue
        for door, hearing in listeners_of(service_class(service)).items():
            if not names or wanted & {service, queue_of(service, door)}:
                hears = frozenset((event.service, event.type) for event in hearing.told)
                found.append(Listener(service, door, hears))
    return found


def logged(service: str, since: dt.datetime) -> Iterator[Sequence[Any]]:
    """What a service has told since then, in order, batch by batch; an id is a UUIDv7 and says when it was made."""
    bound = str(UUID(int=int(since.timestamp() * 1000) << 80))
    engine = sa.create_engine(settings().database_url_of(service), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            after = (connection.scalar(_FIRST, {"bound": bound}) or 2**62) - 1
            while rows := connection.execute(_FOLLOWING, {"after": after}).all():
                yield rows
                after = rows[-1].position
    finally:
        engine.dispose()


class Applied:
    """The inboxes: what each listener has applied."""

    def __init__(self, services: set[str]) -> None:
        self._engines = {service: sa.create_engine(settings().database_url_of(service)) for service in services}

    def of(self, ids: Sequence[Any]) -> set[tuple[str, str, str]]:
        """`(service, door, event id)` of those that were applied."""
        asked = sa.select(inbox.c.listener, inbox.c.event_id).where(inbox.c.event_id.in_([str(id_) for id_ in ids]))
        known: set[tuple[str, str, str]] = set()
        for service, engine in self._engines.items():
            with engine.connect() as connection:
                known |= {(service, row.listener, str(row.event_id)) for row in connection.execute(asked)}
        return known

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()


def to_listeners(sources: Sequence[str], since: dt.datetime, listeners: Sequence[Listener]) -> Counter[str]:
    """Give each listener what it has missed; how many events, by queue."""
    services = {listener.service for listener in listeners}
    for service in services:
        declare_queues(service)
    given: Counter[str] = Counter()
    applied, publisher = Applied(services), Publisher(settings().amqp_uri)
    try:
        for source in sources:
            for rows in logged(source, since):
                known = applied.of([row.id for row in rows])
                missed = list(_missed(source, rows, listeners, known))
                publisher.publish(missed)
                given.update(outgoing.routing_key for outgoing in missed)
    finally:
        applied.close()
        publisher.close()
    return given


def _missed(
    source: str, rows: Sequence[Any], listeners: Sequence[Listener], known: set[tuple[str, str, str]]
) -> Iterator[Outgoing]:
    for row in rows:
        told = as_cloud_event(source, row)
        for listener in listeners:
            if (source, row.type) in listener.hears and (listener.service, listener.door, str(row.id)) not in known:
                yield replace(told, exchange="", routing_key=listener.queue)


def to_subscribers(sources: Sequence[str], since: dt.datetime) -> Counter[str]:
    """Announce everything anew; how many events, by exchange."""
    told: Counter[str] = Counter()
    publisher = Publisher(settings().amqp_uri)
    try:
        for source in sources:
            for rows in logged(source, since):
                outgoing = [as_cloud_event(source, row) for row in rows]
                publisher.publish(outgoing)
                told.update(each.exchange for each in outgoing)
    finally:
        publisher.close()
    return told


def moment(text: str) -> dt.datetime:
    """Read a time, or how long ago it was."""
    if ago := re.fullmatch(r"(\d+)([mhd])", text):
        return dt.datetime.now(dt.UTC) - dt.timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        read = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a time nor how long ago, as 90m, 2h or 3d") from None
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


def main(arguments: list[str]) -> int:
    """Publish again what was asked for, and say how much it was."""
    parser = argparse.ArgumentParser(prog="rapport replay", description=__doc__)
    parser.add_argument("services", nargs="*", metavar="service", help="whose logs; all when left out")
    parser.add_argument("--since", type=moment, required=True)
    whom = parser.add_mutually_exclusive_group()
    whom.add_argument("--to", action="append", default=[], metavar="LISTENER", help="a service, or one of its doors")
    whom.add_argument("--subscribers", action="store_true", help="announce everything on the exchanges")
    told = parser.parse_args(arguments)
    if unknown := {name.partition(".")[0] for name in (*told.services, *told.to)} - set(SERVICES):
        parser.error(f"no such service: {', '.join(sorted(unknown))}")
    if told.since < dt.datetime.now(dt.UTC) - dt.timedelta(days=INBOX_DAYS):
        parser.error(f"an inbox knows {INBOX_DAYS} days; what is older might be applied a second time")
    sources = told.services or list(SERVICES)
    if told.subscribers:
        given = to_subscribers(sources, told.since)
    else:
        listeners = listeners_named(told.to)
        if not listeners:
            parser.error(f"nobody listens by that name: {', '.join(told.to)}")
        given = to_listeners(sources, told.since, listeners)
    for place, count in sorted(given.items()):
        print(f"{place}: {count}")
    print(f"{given.total()} given since {told.since.isoformat(timespec='seconds')}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
