"""An import goes on where it was, whatever happens to the process that works at it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from contracts.contacts import importing
from contracts.jobs import get_job
from tests.service.contacts.importing_files import ended, imported, stored

ROWS = 3000


def people(count):
    rows = (f"Ada,Number{n},ada{n}@example.org,+4915{n:08d},VIP;Class {n % 7}" for n in range(count))
    return ("First name,Last name,Email,Phone,Tags\n" + "\n".join(rows) + "\n").encode()


def tally(house, statement):
    with house.database("contacts").connect() as connection:
        return connection.scalar(sa.text(statement))


def each_row_once(house, rows):
    assert tally(house, "SELECT count(*) FROM contacts") == rows
    assert tally(house, "SELECT count(*) FROM contact_tags") == 2 * rows
    assert tally(house, "SELECT count(*) FROM events WHERE type = 'contact.created'") == rows
    assert tally(house, "SELECT count(DISTINCT subject) FROM events WHERE type = 'contact.tagged'") == rows
    assert tally(house, "SELECT count(*) FROM events WHERE type = 'contact.tagged'") == 2 * rows


@pytest.mark.requirement("C19")
def test_a_killed_import_does_every_row_once(a_house):
    house = a_house(services=["contacts"], roles={"contacts": ["rpc", "jobs"]})
    job_id = house.ask(importing.start_import, file_key=stored(house, people(ROWS)), file_name="p.csv")["id"]
    kills = 0
    for wanted in (0, 1000, 2000):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            job = house.ask(get_job["contacts"], job_id=job_id)
            if job["progress"].get("done", -1) >= wanted:
                break
            time.sleep(0.01)
        if job["state"] == "done":
            break
        house.process("contacts-jobs").kill()
        kills += 1
        house.start_again("contacts-jobs")
    job = ended(house, job_id)
    assert kills >= 1
    assert (job["state"], job["progress"]["created"], job["progress"]["done"]) == ("done", ROWS, ROWS)
    assert tally(house, "SELECT count(*) FROM import_rows") == ROWS
    each_row_once(house, ROWS)


@pytest.mark.requirement("C19")
def test_two_imports_of_the_same_people_at_once_enter_each_once(a_house):
    house = a_house(services=["contacts"])
    header, *rows = people(1500).splitlines()
    files = [b"\n".join([header, *rows]), b"\n".join([header, *reversed(rows)])]
    with ThreadPoolExecutor() as both:
        jobs = list(both.map(lambda content: imported(house, content), files))
    assert [job["state"] for job in jobs] == ["done", "done"]
    assert sum(job["progress"]["created"] for job in jobs) == 1500
    assert sum(job["progress"]["unchanged"] for job in jobs) == 1500
    each_row_once(house, 1500)
