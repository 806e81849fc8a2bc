"""`./rapport backup DIR`: every database as of one moment, and the files; the services go on meanwhile.

Of one moment: no service has applied an event that its teller's copy does not hold. A relay numbers an event before it
publishes it, so while the relays are held, which takes milliseconds, nobody hears anything new.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from chassis.config import SERVICES, settings
from local import Trouble
from local.dumps import FILES, NOTE, dump_of, mark_of, run, spoken

HOLDING_SECONDS = 10


@contextmanager
def one_moment(urls: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """A snapshot of each database, by service; they can be read from until the end of the block."""
    with ExitStack() as stack:
        with ExitStack() as held:
            for url in urls.values():
                _execute(_open(url, held), f"SET lock_timeout = '{HOLDING_SECONDS}s'; SELECT FROM relay FOR UPDATE")
            snapshots = {service: _snapshot(_open(url, stack)) for service, url in urls.items()}
        yield snapshots


def _open(url: str, stack: ExitStack) -> Any:
    return stack.enter_context(closing(psycopg2.connect(**spoken(url))))


def _snapshot(connection: Any) -> str:
    connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        return cursor.fetchone()[0]


def _execute(connection: Any, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def dump(folder: Path, service: str, url: str, snapshot: str) -> None:
    """Write one database into a file that pg_restore reads."""
    made = dump_of(folder, service)
    run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={made}")


def keep_files(folder: Path) -> str:
    """Copy what the storage holds, if it is a folder; say where the files are."""
    place = settings().storage or ".rapport/storage"
    if place.startswith("s3://"):
        return place
    if Path(place).exists():
        incoming = shutil.ignore_patterns(".incoming")
        shutil.copytree(place, folder / FILES, ignore=incoming, copy_function=_copy)
    return FILES


def _copy(source: str, target: str) -> None:
    with suppress(FileNotFoundError):  # somebody took it away since we looked into its folder
        shutil.copy2(source, target)


def main(arguments: list[str]) -> int:
    """Make a backup; what is interrupted has no backup.json and is none."""
    parser = argparse.ArgumentParser(prog="rapport backup", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="new or empty")
    folder: Path = parser.parse_args(arguments).folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Trouble(f"{folder} is not empty; a backup has a folder of its own")
    urls = {service: settings().database_url_of(service) for service in SERVICES}
    with one_moment(urls) as snapshots:
        taken = dt.datetime.now(dt.UTC)
        with ThreadPoolExecutor(len(urls)) as pool:
            for done in [pool.submit(dump, folder, name, urls[name], snapshots[name]) for name in urls]:
                done.result()
    # After the databases: a file is there before the row that names it.
    note = {
        "taken_at": taken.isoformat(), "services": list(urls), FILES: keep_files(folder),
        "secret": mark_of(settings().secret),
    }  # fmt: skip
    (folder / NOTE).write_text(json.dumps(note, indent=1) + "\n")
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(
        f"{len(urls)} databases as of {taken.isoformat(timespec='seconds')}, {size / 1024 / 1024:.1f} MiB in {folder}"
    )
    print("not in it: RAPPORT_SECRET" + ("" if note[FILES] == FILES else f", and the files of {note[FILES]}"))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(str(trouble))
