"""An import goes on where it was, whatever happens to the process that works at it."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from contracts.contacts import import_results, importing
from contracts.jobs import get_job
from tests.service.contacts.importing_files import ended, imported, stored

ROWS = 3000
KILLS = 4
OWN_TAGS = "SELECT count(*) FROM contact_tags JOIN tags ON tags.id = tag_id WHERE NOT system"
TAGGED = "FROM events WHERE type = 'contact.tagged' AND data ->> 'system' IS DISTINCT FROM 'true'"


def people(count):
    rows = (f"Ada,Number{n},ada{n}@example.org,+4915{n:08d},VIP;Class {n % 7}" for n in range(count))
    return ("First name,Last name,Email,Phone,Tags\n" + "\n".join(rows) + "\n").encode()


def tally(house, statement):
    with house.database("contacts").connect() as connection:
        return connection.scalar(sa.text(statement))


def each_row_once(house, rows):
    assert tally(house, "SELECT count(*) FROM contacts") == rows
    assert tally(house, OWN_TAGS) == 2 * rows
    assert tally(house, "SELECT count(*) FROM events WHERE type = 'contact.created'") == rows
    assert tally(house, f"SELECT count(DISTINCT subject) {TAGGED}") == rows
    assert tally(house, f"SELECT count(*) {TAGGED}") == 2 * rows


def mixed(word):
    """Rows that create, update, repeat, lack a name, are blank or wrong, of which some are about one and the same."""
    lines = ["First name,Last name,Email,Phone,Tags,Notes,External id,Birthday,Company"]
    for n in range(ROWS):
        email = f"ada{n - n % 3 if n % 50 == 2 else n}.{word}@example.org"
        wrong = "31/31/1990" if n % 97 == 5 else ""
        blank = n % 101 == 7
        lines.append(
            ""
            if blank
            else f"Ada,{word}{n},{email},+4915{n:08d},Class {n % 7};VIP,note {n % 2},{word}-{n},{wrong},"
            f"Firm {n * 7 % 1000} {word}"
        )
    return "\n".join(lines).encode()


def what_became(house, word, import_id):
    """Everything that an import wrote, as text in which nothing but chance differs between two."""
    told = """
        SELECT line, outcome, reasons::text, (effects - 'at' - 'notes' - 'affiliations')::text,
               (SELECT display_name || version || standing FROM contacts WHERE id = contact_id),
               (SELECT string_agg(normalised || exclusive, ' ' ORDER BY position) FROM emails e
                 WHERE e.contact_id = r.contact_id),
               (SELECT string_agg(t.key, ' ' ORDER BY t.key) FROM contact_tags c JOIN tags t ON t.id = c.tag_id
                 WHERE c.contact_id = r.contact_id),
               (SELECT string_agg(text, ' ' ORDER BY text) FROM notes n WHERE n.contact_id = r.contact_id),
               (SELECT string_agg(c.display_name, ' ') FROM affiliations a JOIN contacts c ON c.id = a.company_id
                 WHERE a.contact_id = r.contact_id),
               (SELECT string_agg(value, ' ') FROM external_ids x WHERE x.contact_id = r.contact_id), undone
          FROM import_rows r WHERE import_id = :id ORDER BY line"""
    events = """
        SELECT type, count(*) FROM events WHERE subject IN (SELECT id FROM contacts WHERE search LIKE :word)
         GROUP BY type ORDER BY type"""
    with house.database("contacts").connect() as connection:
        rows = [tuple(row) for row in connection.execute(sa.text(told), {"id": import_id})]
        counted = [tuple(row) for row in connection.execute(sa.text(events), {"word": f"%{word}%"})]
    return str((rows, counted)).replace(word, "word")


def hurt(house, job_id, chance):
    """Kill the process that works at a job again and again at moments of chance, until the job is done."""
    kills = 0
    while True:
        time.sleep(chance.uniform(0.05, 0.6))
        job = house.ask(get_job["contacts"], job_id=job_id)
        if job["state"] not in ("queued", "running") or kills == KILLS:
            return kills, ended(house, job_id, seconds=120)
        house.process("contacts-jobs").kill()
        kills += 1
        house.start_again("contacts-jobs")


@pytest.mark.requirement("C19")
def test_an_import_killed_at_any_row_ends_as_one_that_nobody_disturbed(a_house):
    house = a_house(services=["contacts"], roles={"contacts": ["rpc", "jobs"]})
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    quiet = imported(house, mixed("quiet"), seconds=120)
    begun = house.ask(importing.start_import, file_key=stored(house, mixed("noisy")), file_name="p.csv")
    kills, noisy = hurt(house, begun["id"], chance)
    assert kills >= 2, seed
    assert (noisy["state"], noisy["result"]) == ("done", quiet["result"]), seed
    companies = "SELECT count(*) FROM contacts WHERE kind = 'company'"
    assert tally(house, companies) == 2 * noisy["result"]["companies"] > 1900, seed
    assert what_became(house, "noisy", noisy["id"]) == what_became(house, "quiet", quiet["id"]), seed
    undo = house.ask(import_results.undo_import, import_id=quiet["id"])
    calm = ended(house, undo["job_id"], seconds=120)
    undo = house.ask(import_results.undo_import, import_id=noisy["id"])
    _, after = hurt(house, undo["job_id"], chance)
    assert (after["state"], after["result"]) == ("done", calm["result"]), seed
    assert after["result"]["left"] == 0
    assert what_became(house, "noisy", noisy["id"]) == what_became(house, "quiet", quiet["id"]), seed


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
