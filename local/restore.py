"""`./rapport restore DIR [service …]`: make the databases of a backup where there are none; nothing is overwritten."""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2

from chassis.config import SERVICES, settings
from chassis.migrate import create_database
from local import Trouble
from local.dumps import dump_of, mark_of, note_of, run, spoken
from local.recovered import asked, let_it_go_on


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


def restore_files(folder: Path) -> str:
    """Bring back the files that are missing, if the storage is a folder; what was done, or has to be."""
    storage, kept = settings().storage or ".rapport/storage", folder / "files"
    if storage.startswith("s3://"):
        return f"copy what is in {kept} to {storage.partition('?')[0]}, by the names that it has"
    place = Path(storage)
    missing = [path for path in kept.rglob("*") if path.is_file() and not (place / path.relative_to(kept)).exists()]
    for path in missing:
        target = place / path.relative_to(kept)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return f"{len(missing)} missing files are back"


def is_of_another_secret(note: Mapping[str, Any]) -> bool:
    """Whether what was signed and sealed at the time of the backup is not believed here."""
    return note.get("secret") not in {None, *map(mark_of, settings().secrets)}


def main(arguments: list[str]) -> int:
    """Restore what is named, or all, and say what comes next."""
    parser = argparse.ArgumentParser(prog="rapport restore", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("services", nargs="*", metavar="service", help=f"some of {', '.join(SERVICES)}; all without")
    told = parser.parse_args(arguments)
    note = note_of(told.folder)
    if unknown := set(told.services) - set(note["services"]):
        parser.error(f"not in this backup: {', '.join(sorted(unknown))}")
    for service in told.services or note["services"]:
        restore(told.folder, service)
        print(f"{service}: as of {note['taken_at']}")
    if (told.folder / "files").exists():
        print(restore_files(told.folder))
    if is_of_another_secret(note):
        print(
            "RAPPORT_SECRET is not that of the backup. What that one sealed (links, and the keys that seal agreements)"
        )
        print("stays shut until it stands in RAPPORT_SECRETS_ACCEPTED")
    since = dt.datetime.fromisoformat(note["taken_at"]) - dt.timedelta(hours=1)
    whom = "".join(f" --to {service}" for service in told.services)
    print("Next:\n  ./rapport migrate\n  start the services")
    print(f"  ./rapport replay --since {since.isoformat(timespec='seconds')}{whom}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Trouble as trouble:
        sys.exit(str(trouble))
