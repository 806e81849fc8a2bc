"""A backup's folder, and PostgreSQL's programs that write and read it."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

from local import Trouble
from local.postgres import binaries

NOTE = "backup.json"
"""Written last: a folder without it is no backup."""
FILES = "files"
"""The folder of what the storage held, and what a backup says of files that are in it."""


def dump_of(folder: Path, service: str) -> Path:
    """The file of one database."""
    return folder / f"{service}.dump"


def note_of(folder: Path) -> dict[str, Any]:
    """What a backup says of itself."""
    try:
        return json.loads((folder / NOTE).read_text())
    except FileNotFoundError:
        raise Trouble(f"{folder} holds no finished backup: there is no {NOTE} in it") from None


def mark_of(secret: str) -> str:
    """What a backup keeps of a secret: enough to know it again, and nothing to guess it by."""
    return hmac.new(secret.encode(), b"rapport backup", hashlib.sha256).hexdigest()[:16]


def spoken(url: str) -> dict[str, Any]:
    """A database's URL as psycopg2 takes it."""
    parts = make_url(url)
    told = {
        "host": parts.host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
    }
    return {name: value for name, value in told.items() if value is not None} | dict(parts.query)


def run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs on a database; the password is in its environment, not on its command line."""
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    told = {names.get(name, f"PG{name.upper()}"): str(value) for name, value in spoken(url).items()}
    done = subprocess.run(
        [_path_of(program), *arguments], env={**os.environ, **told}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Trouble(f"{program} of {told['PGDATABASE']} failed:\n{done.stderr[-3000:]}")


def _path_of(program: str) -> str:
    ours = binaries() / program
    found = str(ours) if ours.exists() else shutil.which(program)
    if found is None:
        raise Trouble(f"{program} was not found; set PG_BIN to the folder of a PostgreSQL's programs")
    return found
