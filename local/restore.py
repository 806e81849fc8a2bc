"""`./rapport restore DIR [service …|files]`: make the databases of a backup where there are none, and bring back the
files that are missing; nothing is overwritten.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from chassis import storage
from chassis.config import SERVICES, settings
from chassis.migrate import create_database
from contracts.errors import Unavailable
from local import Trouble
from local.dumps import FILES, dump_of, mark_of, note_of, run, spoken
from local.recovered import asked, let_it_go_on, say_how_to_go_on


def restore(folder: Path, service: str) -> None:
    """Make one database, and let what it gives out go on beyond all that it may have given out."""
    url = settings().database_url_of(service)
    create_database(url)
    with closing(psycopg2.connect(**spoken(url))) as connection:
        if asked(connection, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"):
            raise Trouble(f"{spoken(url)['dbname']} has tables; drop that database first, or rename it")
    run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--jobs=2",
        f"--dbname={spoken(url)['dbname']}", str(dump_of(folder, service)))  # fmt: skip
    with closing(psycopg2.connect(**spoken(url))) as connection, connection, connection.cursor() as cursor:
        let_it_go_on(connection, service)
        cursor.execute("ANALYZE")


def restore_files(folder: Path) -> int:
    """Bring the files that are missing to where files are kept now, be it a folder or a bucket; how many there were."""
    kept = folder / FILES
    names = [path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()]
    keys = list(filter(storage.is_key, names))
    there = {key for prefix in {key.partition("/")[0] for key in keys} for key in storage.older(prefix, math.inf)}
    missing = [key for key in keys if key not in there]
    for key in missing:
        with (kept / key).open("rb") as file:
            storage.put(file, limit=sys.maxsize, key=key)
    return len(missing)


def is_of_another_secret(note: Mapping[str, Any]) -> bool:
    """Whether what was signed and sealed at the time of the backup is not believed here."""
    return note.get("secret") not in {None, *map(mark_of, settings().secrets)}


def main(arguments: list[str]) -> int:
    """Restore what is named, or all, and say what comes next."""
    parser = argparse.ArgumentParser(prog="rapport restore", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    told_of = f"some of {', '.join(SERVICES)}, or {FILES} alone; all without"
    parser.add_argument("services", nargs="*", metavar="service", help=told_of)
    told = parser.parse_args(arguments)
    note = note_of(told.folder)
    if unknown := set(told.services) - {FILES, *note["services"]}:
        parser.error(f"not in this backup: {', '.join(sorted(unknown))}")
    _bring_files_back(told.folder, note)
    services = [service for service in told.services or note["services"] if service != FILES]
    for service in services:
        restore(told.folder, service)
        print(f"{service}: as of {note['taken_at']}")
    if services:
        _say_what_is_next(note, services if told.services else ())
    return 0


def _bring_files_back(folder: Path, note: Mapping[str, Any]) -> None:
    if note[FILES] != FILES:
        print(f"its files are in {note[FILES]}")
        return
    try:
        print(f"{restore_files(folder)} missing files are back")
    except Unavailable as trouble:
        raise Trouble(f"no file is restored, and no database: {trouble}") from trouble


def _say_what_is_next(note: Mapping[str, Any], services: Sequence[str]) -> None:
    if is_of_another_secret(note):
        print(
            "RAPPORT_SECRET is not that of the backup. What that one sealed (links, and the keys that seal agreements)"
        )
        print("stays shut until it stands in RAPPORT_SECRETS_ACCEPTED")
    print("Next:\n  ./rapport migrate")
    say_how_to_go_on(dt.datetime.fromisoformat(note["taken_at"]), services)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(str(trouble))
