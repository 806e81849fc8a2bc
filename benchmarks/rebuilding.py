"""Facts and the timeline made anew from logs that SQL filled, as `./rapport rebuild` does it."""

from __future__ import annotations

import os
import time
from typing import Any

import psycopg2
from sqlalchemy.engine import make_url

from benchmarks.measuring import cpu_seconds
from benchmarks.results import Figure
from benchmarks.stage import Stage
from chassis.actor import sign
from chassis.calls import Calls, Context
from chassis.config import settings
from contracts.contacts.rebuilding import PROJECTIONS, rebuild
from contracts.jobs import get_job

EVENTS_OF_ONE = 10
"""So many has each contact: entered and changed here, three orders paid for there, two messages."""
_WHO = "('0199b000-0000-7000-8000-' || lpad(to_hex(n / {each}), 12, '0'))::uuid"
_THING = "('0199b001-0000-7000-8000-' || lpad(to_hex(n / 2), 12, '0'))::uuid"
_LOGS = {
    "contacts": (
        2,
        "CASE mod(n, 2) WHEN 0 THEN 'contact.created' ELSE 'contact.changed' END",
        """CASE mod(n, 2) WHEN 0
        THEN '{"kind":"person","display_name":"Ada","entered_as":"lead","acquisition":"import","version":1}'::jsonb
        ELSE '{"changes":{"gender":{"before":null,"after":"female"}},"display_name":"Ada","version":2}'::jsonb END""",
    ),
    "billing": (
        6,
        "CASE mod(n, 2) WHEN 0 THEN 'order.placed' ELSE 'payment.taken' END",
        f"""CASE mod(n, 2) WHEN 0
        THEN jsonb_build_object('order_id', {_THING}, 'number', n, 'items', '[]'::jsonb,
            'total', '{{"amount":4900,"currency":"EUR"}}'::jsonb)
        ELSE jsonb_build_object('payment_id', {_THING}, 'order_id', {_THING}, 'order_number', n, 'method', 'cash',
            'amount', '{{"amount":4900,"currency":"EUR"}}'::jsonb, 'decided_by', 'Olive', 'reason', null) END""",
    ),
    "notifications": (
        2,
        "'message.sent'",
        """jsonb_build_object('message_id', gen_random_uuid(), 'channel', 'email', 'subject_line', 'Hello',
            'purpose', 'marketing')""",
    ),
}
_FILL = """
    INSERT INTO events (position, id, type, subject, time, data)
    SELECT relay.assigned + n + 1, gen_random_uuid(), {type}, {who},
        now() - interval '1 year' + n * interval '1 s', {data}
    FROM relay, generate_series(0, %(count)s - 1) AS n;
    UPDATE relay SET assigned = assigned + %(count)s, published = published + %(count)s;
"""


def measure(stage: Stage, *, events: int = 1_000_000) -> list[Figure]:
    """Fill the logs, rebuild each projection, and count."""
    for service, (each, type, data) in _LOGS.items():
        _fill(service, events * each // EVENTS_OF_ONE, type, _WHO.format(each=each), data)
    calls = Calls(settings().amqp_uri)
    figures = []
    for projection in PROJECTIONS:
        started, used = time.perf_counter(), cpu_seconds(list(stage.pids.values()))
        done = _rebuilt(calls, projection)["progress"]["done"]
        rate = done / (time.perf_counter() - started)
        spent = (cpu_seconds(list(stage.pids.values())) - used) * 1000 / done
        remark = f"{spent:.3f} s of CPU a thousand, in all processes"
        figures.append(Figure(f"{projection} from {events:,} events, events a second", rate, 5000, remark))
    calls.close()
    return figures


def _fill(service: str, count: int, type: str, who: str, data: str) -> None:
    url = make_url(settings().database_url_of(service)).set(drivername="postgresql")
    connection = psycopg2.connect(url.render_as_string(hide_password=False))
    with connection, connection.cursor() as cursor:
        cursor.execute("LOCK events")
        cursor.execute(_FILL.format(type=type, who=who, data=data), {"count": count})
    connection.close()


def _rebuilt(calls: Calls, projection: str) -> dict[str, Any]:
    job_id = calls.ask(rebuild, {"projection": projection}, _context())["job_id"]
    while True:
        job: dict[str, Any] = calls.ask(get_job["contacts"], {"job_id": job_id}, _context())
        if job["state"] == "done":
            return job
        if job["state"] not in ("queued", "running"):
            raise RuntimeError(f"{projection} was not rebuilt: {job}")
        time.sleep(0.2)


def _context() -> Context:
    return Context(token=sign(os.environ["RAPPORT_SECRET"], id="service:bench", role="service", name="bench"))
