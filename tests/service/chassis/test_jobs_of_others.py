"""A job is seen and stopped by whoever started it and by who runs the place; for all others there is none."""

import pytest

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.contacts import importing
from contracts.errors import Conflict, NotFound
from contracts.jobs import cancel_job, get_job
from tests.service.contacts.importing_files import ended, stored

READ, CANCEL = get_job["contacts"], cancel_job["contacts"]


@pytest.mark.requirement("G05")
@pytest.mark.parametrize("role", ["sales", "practitioner", "dispatcher", "member"])
def test_nobody_else_reaches_a_job(house, ask, role):
    mine, other = Actor(new_id(), "sales"), Actor(new_id(), role)
    file = stored(house, b"First Name,E-mail\nAda,ada@example.org\n")
    job = ask(importing.start_import, actor=mine, file_key=file, file_name="people.csv")
    ended(house, job["id"])
    for rpc in (READ, CANCEL):
        with pytest.raises(NotFound):
            ask(rpc, actor=other, job_id=job["id"])
    assert ask(READ, actor=mine, job_id=job["id"])["id"] == job["id"]
    with pytest.raises(Conflict):
        ask(CANCEL, actor="admin", job_id=job["id"])
