"""A tag put on a hundred thousand contacts by a bulk action, beside one bare statement and its events."""

from __future__ import annotations

import statistics
import time
from typing import Any

import psycopg2
from sqlalchemy.engine import make_url

from benchmarks.http import Client
from benchmarks.measuring import cpu_seconds
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.config import settings

PEOPLE = """
    INSERT INTO contacts (id, kind, standing, version, display_name, first_name, sort_name, search, entered_as,
        acquisition, lifecycle, lifecycle_reason, lifecycle_since, industry, created_at, changed_at)
    SELECT ('0199c000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'person', 'active', 1, 'Ada ' || n,
        'Ada', 'ada ' || n, ' ada ' || n || ' ', 'lead', 'import', 'lead', 'lead', now(), 'bulk', now(), now()
    FROM generate_series(1, %(count)s) AS n
"""
BARE = """
    WITH tag AS (
        INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), 'bare', 'bare') RETURNING id
    ), tagged AS (
        INSERT INTO contact_tags (contact_id, tag_id, tagged_at)
        SELECT contacts.id, tag.id, now() FROM contacts, tag WHERE industry = 'bulk' AND standing = 'active'
        RETURNING contact_id
    )
    INSERT INTO events (id, type, subject, time, data, actor)
    SELECT gen_random_uuid(), 'contact.tagged', contact_id, now(), '{"tag":"bare"}',
        '{"id":"x","name":"x","role":"owner"}'
    FROM tagged
"""
"""What the database itself needs for it, in the same tables; it is taken back."""
BARE_ROUNDS = 3


def measure(stage: Stage, *, contacts: int = 100_000) -> list[Figure]:
    """Tag everybody of one industry, through the API."""
    url = make_url(settings().database_url_of("contacts")).set(drivername="postgresql")
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    with connection, connection.cursor() as cursor:
        cursor.execute(PEOPLE, {"count": contacts})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts")
    bare = statistics.median(_bare(connection) for _ in range(BARE_ROUNDS))
    connection.close()
    assert stage.house.gateway_port is not None
    client = Client(stage.house.gateway_port)
    pids = [stage.pids["contacts-jobs"]]
    used, started = cpu_seconds(pids), time.perf_counter()
    job = _tagged(client)
    seconds, used = time.perf_counter() - started, cpu_seconds(pids) - used
    if job["progress"].get("changed") != contacts:
        raise RuntimeError(f"not everybody was tagged: {job}")
    name = f"a tag on {contacts:,} contacts, beside one statement and its events"
    detail = f"{contacts / seconds:.0f} contacts/s; {used:.1f} CPU seconds of the process that does it"
    return [Figure(name, bare / seconds, 0.2, detail)]


def _bare(connection: Any) -> float:
    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(BARE)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.perf_counter() - started
    connection.rollback()
    return seconds


def _tagged(client: Client) -> dict[str, Any]:
    rules = [{"field": "industry", "operator": "=", "value": "bulk"}]
    asked = {"action": "add_tags", "selection": {"filter": {"rules": rules}}, "parameters": {"tags": ["here"]}}
    started = client.ask("POST", "/v1/bulk", asked)
    while True:
        job: dict[str, Any] = client.ask("GET", f"/v1/jobs/{started['id']}")
        if job["state"] == "done":
            return job
        if job["state"] not in ("queued", "running"):
            raise RuntimeError(f"the bulk action ended: {job}")
        time.sleep(0.2)
