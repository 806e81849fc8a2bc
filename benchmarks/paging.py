"""The thousandth page of each list that may be long, beside its first."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.http import Client
from benchmarks.measuring import Contestant, race
from benchmarks.results import Figure
from chassis.ids import new_id

PAGE = 50
DEPTH = 1000
LONG = PAGE * DEPTH + PAGE
"""So many rows has a list that is filled for this."""
_FILLED = (
    """
    INSERT INTO timeline_entries (contact_id, event_id, happened_at, type, source, sequence, data)
    SELECT :contact, gen_random_uuid(), now() - n * interval '1 min', (ARRAY['payment.taken', 'note.added'])[1 + n % 2],
        (ARRAY['billing', 'contacts'])[1 + n % 2], n,
        (ARRAY['{"order_number": 1, "method": "cash", "amount": {"amount": 4900, "currency": "EUR"}}',
            '{"excerpt": "Called", "author": "Olive"}'])[1 + n % 2]::jsonb
    FROM generate_series(1, 2 * :long) AS n
    """,
    """
    INSERT INTO notes (id, contact_id, text, author_name, created_at)
    SELECT gen_random_uuid(), :contact, 'Called', 'Olive', now() FROM generate_series(1, :long) AS n
    """,
    """
    WITH planned AS (
        INSERT INTO sessions (id, kind, title, starts_at, ends_at, capacity, late_cancel_hours, created_at)
        SELECT gen_random_uuid(), 'class', 'Yoga', now() + n * interval '1 min', now() + (n + 30) * interval '1 min',
            10, 12, now()
        FROM generate_series(1, :long) AS n RETURNING id, starts_at
    )
    INSERT INTO bookings (id, session_id, contact_id, state, starts_at, arrival, made_at, changed_at)
    SELECT gen_random_uuid(), id, :contact, 'upcoming', starts_at, 1, now(), now() FROM planned
    """,
    """
    INSERT INTO segments (id, name, name_key, description, filter, passes_with_time, edition, evaluated, version,
        created_at, changed_at)
    VALUES (:segment, 'Long', 'long', '', '{"combinator": "and", "not": false, "rules": []}', false, 1, 1, 1, now(),
        now())
    """,
    """
    INSERT INTO segment_members SELECT :segment, id, now() FROM contacts WHERE standing = 'active' LIMIT :long
    """,
    """
    INSERT INTO groups (id, name, name_key, description, version, created_at)
    VALUES (:group, 'Long', 'long', '', 1, now())
    """,
    """
    INSERT INTO group_members
    SELECT :group, id, now() - row_number() OVER () * interval '1 s' FROM contacts WHERE standing = 'active' LIMIT :long
    """,
    """
    INSERT INTO events (position, id, type, subject, time, data)
    SELECT relay.assigned + n, gen_random_uuid(), 'note.removed', :contact, now(),
        jsonb_build_object('note_id', gen_random_uuid())
    FROM relay, generate_series(1, :long) AS n
    """,
    "UPDATE relay SET assigned = assigned + :long, published = published + :long",
)


def measure(a_client: Callable[[], Client], engine: sa.Engine, contacts: int) -> list[Figure]:
    """Fill the lists, walk to the thousandth page of each, and turn it and the first in turn."""
    told = {"contact": a_client().ask("GET", "/v1/contacts?limit=1")["items"][0]["id"], "long": LONG}
    told |= {"segment": new_id(), "group": new_id()}
    with engine.begin() as connection:
        for statement in _FILLED:
            connection.execute(sa.text(statement), told)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return [_deep(a_client(), name, path.format(**told), contacts) for name, path in LISTS.items()]


def _filtered(field: str, operator: str, value: Any) -> str:
    return quote(json.dumps({"rules": [{"field": field, "operator": operator, "value": value}]}))


_CUSTOMERS = _filtered("lifecycle", "=", "customer")
_NO_MEN = _filtered("gender", "!=", "male")
LISTS = {
    "contacts, the newest first": "/contacts",
    "contacts by name": "/contacts?sort=name",
    "contacts by their last booking": "/contacts?sort=last_booking",
    "customers, the newest first": f"/contacts?filter={_CUSTOMERS}",
    "customers by name": f"/contacts?filter={_CUSTOMERS}&sort=name",
    "all but men, by lifetime value": f"/contacts?filter={_NO_MEN}&sort=lifetime_value",
    "all but men, by name": f"/contacts?filter={_NO_MEN}&sort=name",
    "contacts with three letters somewhere": "/contacts?q=exa",
    "a timeline": "/contacts/{contact}/timeline",
    "the payments of a timeline": "/contacts/{contact}/timeline?type=payment",
    "notes": "/contacts/{contact}/notes",
    "notes, the newest first": "/contacts/{contact}/notes?sort=newest",
    "events": "/events",
    "sessions": "/scheduled-sessions",
    "bookings": "/bookings",
    "bookings of a contact": "/contacts/{contact}/bookings",
    "members of a segment": "/segments/{segment}/members",
    "members of a group": "/groups/{group}/members",
}


def _deep(client: Client, name: str, path: str, contacts: int) -> Figure:
    path = f"/v1{path}"
    path += "&" if "?" in path else "?"
    first, deep = f"{path}limit={PAGE}", f"{path}limit={PAGE}&{_cursor(client, path)}"
    turned = race(
        [Contestant("first", _turning(client, first), []), Contestant("deep", _turning(client, deep), [])],
        callers=1, calls=6, rounds=7,
    )  # fmt: skip
    ratio = turned["first"].beside(turned["deep"])
    remark = f"{1000 / turned['deep'].rate:.1f} ms beside {1000 / turned['first'].rate:.1f} ms"
    return Figure(f"{name}: page {DEPTH:,} beside page 1, {contacts:,} contacts", ratio, 1.2, remark, at_most=True)


def _turning(client: Client, path: str) -> Callable[[], Callable[[], object]]:
    def turn() -> None:
        if len(client.ask("GET", path)["items"]) != PAGE:
            raise RuntimeError(f"{path} is not full")

    return lambda: turn


def _cursor(client: Client, path: str) -> str:
    """Walk to where the page begins, in larger steps than pages."""
    place = "after" if path.startswith("/v1/events") else "cursor"
    left, cursor = PAGE * (DEPTH - 1), ""
    while left:
        page = client.ask("GET", f"{path}limit={min(left, 200)}" + (f"&{place}={quote(cursor)}" if cursor else ""))
        left, cursor = left - len(page["items"]), page["next"]
        if not cursor:
            raise RuntimeError(f"{path} ends {left} before its page {DEPTH:,}")
    return f"{place}={quote(cursor)}"
