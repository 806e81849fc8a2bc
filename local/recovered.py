"""`./rapport recovered service …`: a database was brought back to an earlier moment; what it gives out goes on beyond.

What such a service told after that moment others have heard, and it no longer knows. So that nobody takes new for old,
its log leaps to a position that none ever reached, what others know by its version to a version, and the numbers that
are never given twice to a number. `./rapport restore` does it by itself.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import psycopg2

from chassis import relay
from chassis.config import SERVICES, settings
from local import Trouble
from local.dumps import spoken

_ON = """
    UPDATE relay SET published = CASE published WHEN assigned THEN greatest(assigned, %(new)s) ELSE published END,
        assigned = greatest(assigned, %(new)s)
"""
VERSIONED = {"contacts": ("contacts", "settings", "team_members")}
"""Tables of whose rows other services keep what the newest version says."""
NUMBERED = {"contacts": ("membership_numbers",)}
"""Sequences of numbers that are given once; those of invoices have no gap instead."""
LEAP = 1000
"""More than is given out between a backup and a loss."""
_AT_WORK = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'rapport%'
"""
"""Whoever answers calls gives versions and numbers out, and holds no lock."""
_SLACK = dt.timedelta(hours=1)


def let_it_go_on(connection: Any, service: str) -> None:
    """Let the next position, versions and numbers be such as were never given out."""
    with connection.cursor() as cursor:
        cursor.execute(_ON, {"new": int(dt.datetime.now(dt.UTC).timestamp() * 1000)})
        for table in VERSIONED.get(service, ()):
            cursor.execute(f"UPDATE {table} SET version = version + {LEAP}")
        for sequence in NUMBERED.get(service, ()):
            cursor.execute(f"SELECT setval('{sequence}', last_value + {LEAP}) FROM {sequence}")


def recovered(service: str) -> dt.datetime | None:
    """Let a service go on that stands still; when it last told something."""
    with closing(psycopg2.connect(**spoken(settings().database_url_of(service)))) as connection, connection:
        leads = not asked(connection, f"SELECT pg_try_advisory_lock({relay.LOCK})")
        if leads or asked(connection, _AT_WORK):
            raise Trouble(f"processes of {service} are at work; stop them first, or they give out what was given out")
        let_it_go_on(connection, service)
        return asked(connection, "SELECT max(time) FROM events")


def asked(connection: Any, question: str) -> Any:
    """The one thing that a database answers."""
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def say_how_to_go_on(moment: dt.datetime, services: Sequence[str]) -> None:
    """Print the last steps of those who stand at a moment that is past; of all services without names."""
    since = (moment - _SLACK).isoformat(timespec="seconds")
    print("  start the services; jobs of billing and notifications last, they charge and send (docs/operations.md)")
    print(f"  ./rapport replay --since {since}" + "".join(f" --to {service}" for service in services))
    if services:
        print(f"  ./rapport lost --since {since}")


def main(arguments: list[str]) -> int:
    """See to each service that is named, and say what comes next."""
    parser = argparse.ArgumentParser(prog="rapport recovered", description=__doc__)
    parser.add_argument("services", nargs="+", metavar="service", choices=SERVICES, help=f"of {', '.join(SERVICES)}")
    services = parser.parse_args(arguments).services
    stands_at = {service: recovered(service) for service in services}
    for service, told_last in stands_at.items():
        print(f"{service}: " + (f"told last at {told_last.isoformat(timespec='seconds')}" if told_last else "new"))
    since = min(filter(None, stands_at.values()), default=dt.datetime.now(dt.UTC))
    print("Next:")
    say_how_to_go_on(since, services)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(str(trouble))
