"""An import through the API and its undoing, beside the same rows by `execute_values` into the same tables.

`./rapport bench importing --crowd 1000000` measures as many rows as that.
"""

from __future__ import annotations

import json
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from psycopg2.extras import execute_values
from sqlalchemy.engine import make_url

from benchmarks.http import Client
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.config import settings

OF_IMPORTED = "IN (SELECT contact_id FROM import_rows WHERE import_id = %(import_id)s)"
FILLED = {
    "contacts": f"id {OF_IMPORTED}",
    "emails": f"contact_id {OF_IMPORTED}",
    "phones": f"contact_id {OF_IMPORTED}",
    "external_ids": f"contact_id {OF_IMPORTED}",
    "events": f"subject {OF_IMPORTED} AND type IN ('contact.created', 'external_id.added')",
    "import_rows": "import_id = %(import_id)s",
}
"""What an import fills, without what listeners make of it; the floor fills the same with the same rows."""
PAGE = 1000
LOOKS_A_TOKEN = 500
MIB = 1024 * 1024
FEWER, COLLEAGUES = 5, 10
"""With companies a fifth of the rows is measured, of which ten people each belong to one."""


def measure(on: Stage, *, rows: int) -> list[Figure]:
    """Import once, then copy the rows that it made into empty copies of the tables."""
    file = on.folder / "people.csv"
    port = on.house.gateway_port
    assert port is not None
    with _Highest(on) as highest:
        job, seconds = imported(port, file, range(rows))
    floor = _execute_values(job["id"], rows)
    with _Highest(on) as undoing:
        back = undone(port, job["id"], rows)
    largest = max(highest, undoing, key=lambda one: one.most)
    fewer = rows // FEWER
    plain, belonging = _beside_each_other(port, file, rows, fewer)
    return [
        Figure(f"import of {rows:,} rows, beside execute_values", floor / seconds, 0.2, f"{rows / seconds:.0f} rows/s"),
        Figure("undoing it, beside importing it", back / seconds, 1, f"{rows / back:.0f} rows/s", at_most=True),
        Figure("largest process meanwhile, MiB", largest.most / MIB, 300, largest.name, at_most=True),
        Figure(
            f"import of {fewer:,} rows with {fewer // COLLEAGUES:,} companies to enter, beside the same without",
            belonging / plain, None, f"{fewer / belonging:.0f} rows/s", at_most=True,
        ),
    ]  # fmt: skip


def _beside_each_other(port: int, file: Path, first: int, number: int) -> tuple[float, float]:
    """Seconds to import so many people who belong nowhere, and as many of whom several share a company each."""
    _, plain = imported(port, file, range(first, first + number))
    job, belonging = imported(port, file, range(first + number, first + 2 * number), employed=True)
    if job["progress"]["companies"] != number // COLLEAGUES:
        raise RuntimeError(f"the import did not enter {number // COLLEAGUES} companies: {job}")
    return plain, belonging


def imported(port: int, file: Path, numbers: range, *, employed: bool = False) -> tuple[dict[str, Any], float]:
    """The job that imported these people, and the seconds that it took."""
    with file.open("w", encoding="utf-8") as out:
        out.writelines(_lines(numbers, employed))
    started = time.perf_counter()
    job = _wait(port, _upload(port, Client(port).token, file))
    seconds = time.perf_counter() - started
    if job["state"] != "done" or job["progress"].get("created") != len(numbers):
        raise RuntimeError(f"the import did not create {len(numbers)} contacts: {job}")
    return job, seconds


def undone(port: int, import_id: str, rows: int) -> float:
    """The seconds that it takes to take an import back."""
    started = time.perf_counter()
    begun = Client(port).ask("POST", f"/v1/imports/{import_id}/undo")
    undo = _wait(port, f"/v1/jobs/{begun['job_id']}")
    if undo["state"] != "done" or undo["progress"].get("archived") != rows:
        raise RuntimeError(f"the import was not undone: {undo}")
    return time.perf_counter() - started


def _lines(numbers: range, employed: bool) -> Iterator[str]:
    """People; colleagues stand far from each other in the file."""
    head = "First Name,Last Name,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,External id"
    companies = len(numbers) // COLLEAGUES
    yield f"{head}{',Organization Name' if employed else ''}\n"
    for n in numbers:
        company = f",Analytical Engines {n % companies} of {numbers.start}" if employed else ""
        yield f"Ada{n % 977},Lovelace{n},Home,ada.{n}@example.org,Mobile,+4915{n % 10**9:09d},old-{n}{company}\n"


def _upload(port: int, token: str, file: Path) -> str:
    """Send the file as a form would; the job's path."""
    boundary = uuid.uuid4().hex
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    body = head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={boundary}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/imports", body, headers, method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["Location"]


def _wait(port: int, path: str, seconds: float = 7200) -> dict[str, Any]:
    ends = time.monotonic() + seconds
    client, looks = Client(port), 0
    while True:
        looks += 1
        if looks % LOOKS_A_TOKEN == 0:
            client = Client(port)
        job = client.ask("GET", path)
        if job["state"] not in ("queued", "running"):
            return job
        if time.monotonic() > ends:
            raise RuntimeError(f"the import is not done after {seconds} s: {json.dumps(job)[:500]}")
        time.sleep(0.2)


class _Highest:
    """Watches the memory of every process of the house, and of those that they start."""

    def __init__(self, on: Stage) -> None:
        self._processes = {name: psutil.Process(process.pid) for name, process in on.house.processes.items()}
        self.most, self.name = 0, ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> _Highest:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            for name, each in self._processes.items():
                for process, called in [(each, name), *((child, f"{name}'s reader") for child in each.children())]:
                    with suppress(psutil.NoSuchProcess):
                        size = process.memory_info().rss
                        if size > self.most:
                            self.most, self.name = size, called


def _execute_values(import_id: str, people: int) -> float:
    """Seconds to write the rows of that import into copies of the tables, which have the same columns and indexes."""
    url = make_url(settings().database_url_of("contacts")).set(drivername="postgresql")
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    seconds = 0.0
    with connection, connection.cursor() as cursor:
        for table, mine in FILLED.items():
            names = _columns(cursor, table)
            texts = ", ".join(f"{name}::text" for name in names)
            cursor.execute(f"SELECT {texts} FROM {table} WHERE {mine}", {"import_id": import_id})
            rows: Sequence[Any] = cursor.fetchall()
            if len(rows) < people:
                raise RuntimeError(f"{table} has {len(rows)} rows of that import, and not {people}")
            cursor.execute(
                f"CREATE TEMP TABLE floor_{table} (LIKE {table} INCLUDING INDEXES INCLUDING DEFAULTS"
                " INCLUDING IDENTITY)"
            )
            casts = ", ".join(f"%s::{kind}" for kind in names.values())
            started = time.perf_counter()
            statement = f"INSERT INTO floor_{table} ({', '.join(names)}) VALUES %s"
            execute_values(cursor, statement, rows, template=f"({casts})", page_size=PAGE)
            seconds += time.perf_counter() - started
    connection.close()
    return seconds


def _columns(cursor: Any, table: str) -> dict[str, str]:
    cursor.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''",
        (table,),
    )
    return dict(cursor.fetchall())
