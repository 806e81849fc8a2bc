"""A page deep in a long timeline costs what the first costs, whatever is asked for and whoever asks."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from contracts.contacts import people, timeline
from services.contacts.timeline.queries import get_timeline
from tests.builders.people import a_person

LONG = 100_000
MOST_LOOKED_AT = 1000
"""Pages of the database: each kind of entry that a reader may see costs four; all entries fill more than that."""
FILL = """
    INSERT INTO timeline_entries (contact_id, event_id, happened_at, type, source, sequence, data)
    SELECT :contact_id, gen_random_uuid(), now() - make_interval(mins => n),
        CASE WHEN n % 1000 = 0 THEN 'note.added' WHEN n % 10 = 0 THEN 'contact.changed' ELSE 'payment.taken' END,
        CASE WHEN n % 10 = 0 THEN 'contacts' ELSE 'billing' END, n, '{}'
    FROM generate_series(1, :count) AS n
"""


@pytest.fixture
def veteran(ask, database):
    """Somebody with a hundred thousand entries, most of them about money."""
    contact_id = ask(people.create_contact, **a_person(enter_as="customer"))["id"]
    with database("contacts").begin() as connection:
        connection.execute(sa.text(FILL), {"contact_id": contact_id, "count": LONG})
    with database("contacts").connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE) timeline_entries"))  # or an index leads past those who are gone
    yield contact_id
    with database("contacts").begin() as connection:
        connection.execute(sa.text("DELETE FROM timeline_entries WHERE contact_id = :id"), {"id": contact_id})


@pytest.fixture
def pages_read(database):
    """`pages_read(may, **asked)`: the page, and how many pages of the database its statements looked at."""
    engine = database("contacts")

    def read(may, **asked):
        said = []

        def keep(_connection, _cursor, statement, parameters, *_):
            said.append((statement, parameters))

        request = timeline.GetTimeline().load(asked)
        with Session(engine) as session:
            sa.event.listen(engine, "before_cursor_execute", keep)
            page = get_timeline(SimpleNamespace(session=session, actor=SimpleNamespace(may=may)), request)
            sa.event.remove(engine, "before_cursor_execute", keep)
            plans = [
                session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
                for statement, parameters in said
            ]
            return page, sum(_looked_at(plan.scalar()) for plan in plans)

    return read


def _looked_at(plan):
    whole = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return whole["Shared Hit Blocks"] + whole["Shared Read Blocks"]


def deep(ask, contact_id, count, **asked):
    """The cursor behind so many pages."""
    cursor = {}
    for _ in range(count):
        page = ask(timeline.get_timeline, contact_id=contact_id, limit=200, **cursor, **asked)
        cursor = {"cursor": page["next"]}
    return cursor


@pytest.mark.requirement("C31")
@pytest.mark.parametrize(
    ("asked", "hidden", "pages"),
    [
        ({}, (), 400),
        ({"type": "note,contact.changed"}, (), 40),
        ({"type": "note.added"}, (), 0),
        ({}, ("billing.read",), 40),  # nine of ten entries are not for this reader
    ],
    ids=["everything", "two kinds", "a rare kind", "a reader who sees no money"],
)
def test_a_deep_page_costs_what_the_first_costs(ask, veteran, pages_read, asked, hidden, pages):
    def may(permission):
        return permission not in hidden

    first, shallow = pages_read(may, contact_id=veteran, limit=20, **asked)
    actor = {"actor": "practitioner"} if hidden else {}
    cursor = deep(ask, veteran, pages, **asked, **actor)
    page, costly = pages_read(may, contact_id=veteran, limit=20, **asked, **cursor)
    assert len(first["items"]) == len(page["items"]) == 20
    assert costly <= shallow * 1.2 + 5
    assert shallow < MOST_LOOKED_AT
