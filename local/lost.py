"""`./rapport lost --since TIME`: what listeners have applied and no log knows any more, after a restore.

The timeline of contacts kept what such an event said, if it was about somebody.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.config import SERVICES, settings
from chassis.replay import moment

APPLIED = "SELECT DISTINCT event_id, listener FROM inbox WHERE received_at >= %(since)s"
LOGGED = "SELECT id FROM events WHERE id = ANY (%(ids)s::uuid[])"
SAID = """
    SELECT DISTINCT ON (event_id) event_id, happened_at, source, type, contact_id, data FROM timeline_entries
    WHERE event_id = ANY (%(ids)s::uuid[]) ORDER BY event_id, contact_id
"""


def lost_since(since: dt.datetime) -> dict[UUID, list[str]]:
    """The listeners that have applied each event that was lost, by its id, in the order in which they were told."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for service in SERVICES:
        for event_id, listener in _rows(service, APPLIED, since=since):
            found[event_id].append(f"{service}.{listener}")
    known = {id_ for service in SERVICES for (id_,) in _rows(service, LOGGED, ids=_all(found))}
    return {event_id: sorted(found[event_id]) for event_id in sorted(found.keys() - known)}


def _all(ids: Iterable[UUID]) -> list[str]:
    return [str(id_) for id_ in ids]


def _rows(service: str, statement: str, **values: Any) -> list[Any]:
    engine = sa.create_engine(settings().database_url_of(service), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return list(connection.exec_driver_sql(statement, values))


def main(arguments: list[str]) -> int:
    """Print a line for each, with what the timeline has kept of it."""
    parser = argparse.ArgumentParser(prog="rapport lost", description=__doc__)
    parser.add_argument("--since", type=moment, required=True, help="RFC 3339, or how long ago: 90m, 2h, 3d")
    lost = lost_since(parser.parse_args(arguments).since)
    said = {row.event_id: row for row in _rows("contacts", SAID, ids=_all(lost))}
    for event_id, listeners in lost.items():
        if row := said.get(event_id):
            print(f"{row.happened_at.isoformat(timespec='seconds')}  {row.source}  {row.type}  of {row.contact_id}")
            print(f"    {row.data}")
        else:
            print(f"{event_id}  applied by {', '.join(listeners)}")
    print(f"{len(lost)} lost")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
