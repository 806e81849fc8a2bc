"""Facts and the timeline are made anew from the logs, and come out as they were."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from chassis.actor import Actor
from contracts.billing import orders, packages, payments
from contracts.contacts import notes
from contracts.contacts.rebuilding import rebuild
from contracts.jobs import get_job
from local import SERVICES
from services.contacts.facts.rules import TYPES
from services.contacts.timeline.rules import UNSEEN
from tests.builders.people import a_lead

SYSTEM = Actor("service:tests", "service", "tests")
LONG = 8_000
"""Events in the log of contacts: enough for several steps of a job."""

DAMAGE = """
DELETE FROM facts WHERE contact_id = :ada;
UPDATE facts SET lifetime_value = 1, stage = 'Nowhere' WHERE contact_id = :ben;
UPDATE fact_marks SET rank = rank + 1000000, data = '{"stage": "Nowhere"}' WHERE contact_id = :ben AND kind = 'stage';
DELETE FROM fact_marks WHERE contact_id = :ada;
DELETE FROM timeline_entries WHERE contact_id = :ada AND type = 'note.added';
UPDATE timeline_entries SET data = '{}' WHERE contact_id = :ben;
INSERT INTO timeline_entries (contact_id, event_id, happened_at, type, source, data)
    VALUES (:ben, gen_random_uuid(), now(), 'note.added', 'contacts', '{}');
INSERT INTO facts (contact_id, currency) VALUES (gen_random_uuid(), 'EUR');
"""


def rows(house, statement):
    with house.database("contacts").connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(statement)).mappings()]


def everything(house):
    """What both projections say, edition aside.

    Segments and the system's tags follow facts: repairing facts makes events of theirs that were not there before.
    """
    follows = "type LIKE 'segment.%' OR type IN ('contact.tagged', 'contact.untagged')"
    entries = rows(house, f"SELECT * FROM timeline_entries WHERE NOT ({follows})")
    marks = rows(house, "SELECT * FROM fact_marks ORDER BY contact_id, kind, thing")
    told = [{name: value for name, value in row.items() if name != "edition"} for row in [*entries, *marks]]
    return told + rows(house, "SELECT * FROM facts ORDER BY contact_id")


def different(found, wanted):
    """The rows that only one of them has."""
    return sorted({repr(row) for row in found} ^ {repr(row) for row in wanted})


def ended(house, job_id, seconds=90):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = house.ask(get_job["contacts"], job_id=job_id, actor=SYSTEM)
        if job["state"] not in ("queued", "running"):
            return job
        time.sleep(0.05)
    raise AssertionError(f"The job is still {job}.")


def rebuilt(house, projection):
    return ended(house, house.ask(rebuild, projection=projection, actor=SYSTEM)["job_id"])


def somebody(house, gold):
    """A customer with a note."""
    person = a_lead(house.ask)["id"]
    order = house.ask(orders.place_order, contact_id=person, items=[{"package_id": gold["id"]}])
    house.ask(payments.take_payment, order_id=order["id"], method="cash")
    house.ask(notes.add_note, contact_id=person, text="Likes mornings.")
    return person


def quiet(house):
    """Wait until every sale has won its lead, and both projections have heard every event about a contact."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        told = [(event.id, event.type) for name in SERVICES for event in logged(house, name)]
        sold, won = ([type for _, type in told].count(name) for name in ("order.placed", "lead.won"))
        applied = {name: set() for name in ("add_to_facts", "add_to_timeline")}
        for row in rows(house, "SELECT listener, event_id FROM inbox"):
            applied.get(row["listener"], set()).add(row["event_id"])
        seen = {id for id, type in told if type not in UNSEEN}
        counted = {id for id, type in told if type in TYPES}
        if sold == won and seen <= applied["add_to_timeline"] and counted <= applied["add_to_facts"]:
            return
        time.sleep(0.1)
    raise AssertionError("not everything was heard")


def logged(house, service):
    with house.database(service).connect() as connection:
        asked = sa.text("SELECT id, type FROM events WHERE time > now() - interval '1 day'")
        return connection.execute(asked).all()


def written_long_ago(house):
    """Many events of before, as they stand in a log, of contacts that nothing else is known of."""
    statement = """
        INSERT INTO events (position, id, type, subject, time, data)
        SELECT relay.assigned + n, gen_random_uuid(), 'note.added',
            lpad(to_hex(n % 500 + 1), 32, '0')::uuid, now() - interval '1 year',
            '{"note_id": "00000000-0000-7000-8000-000000000001", "excerpt": "x", "author": "Olive"}'
        FROM relay, generate_series(1, :count) AS n;
        UPDATE relay SET assigned = assigned + :count, published = published + :count;
    """
    with house.database("contacts").begin() as connection:
        connection.execute(sa.text("LOCK events"))
        connection.execute(sa.text(statement), {"count": LONG})


@pytest.mark.requirement("C24", "C31")
def test_what_is_rebuilt_equals_what_was_heard_though_killed_and_damaged(a_house):
    house = a_house(roles={name: ["rpc", "events", "jobs"] if name == "contacts" else ["all"] for name in SERVICES})
    price = {"amount": 4900, "currency": "EUR"}
    gold = house.ask(packages.create_package, name="Gold", kind="membership", price=price)
    ada, ben = somebody(house, gold), somebody(house, gold)
    quiet(house)
    before = everything(house)
    with house.database("contacts").begin() as connection:
        for statement in DAMAGE.strip().split(";\n"):
            connection.execute(sa.text(statement.rstrip(";")), {"ada": ada, "ben": ben})
    assert everything(house) != before
    assert [rebuilt(house, name)["state"] for name in ("facts", "timeline")] == ["done", "done"]
    assert different(everything(house), before) == []

    written_long_ago(house)
    assert rebuilt(house, "timeline")["progress"]["done"] >= LONG
    assert len(everything(house)) == len(before) + LONG
    for projection in ("facts", "timeline"):
        job_id = house.ask(rebuild, projection=projection, actor=SYSTEM)["job_id"]
        traffic = threading.Thread(target=lambda: [somebody(house, gold) for _ in range(5)])
        traffic.start()
        while house.ask(get_job["contacts"], job_id=job_id, actor=SYSTEM)["progress"].get("done", 0) < LONG / 4:
            time.sleep(0.01)
        house.process("contacts-jobs").kill()
        house.start_again("contacts-jobs")
        assert ended(house, job_id)["state"] == "done"
        traffic.join()
    quiet(house)
    live = everything(house)
    assert [rebuilt(house, name)["state"] for name in ("facts", "timeline")] == ["done", "done"]
    assert different(everything(house), live) == []

    with house.database("contacts").begin() as connection:
        connection.execute(sa.text("DELETE FROM events WHERE position <= 5"))  # as what is too old is forgotten
    facts, timeline = (rebuilt(house, name) for name in ("facts", "timeline"))
    assert (facts["state"], timeline["state"]) == ("failed", "done")
    assert facts["error"] == "The logs of contacts do not go back to their beginning any more."
    assert different(everything(house), live) == []
