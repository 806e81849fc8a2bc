"""An upgrade while people work: old code on the new databases, one process after the other, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.house import APART
from local.processes import wait_for
from tests.faults.http_journal import HttpJournal
from tests.faults.versions import version_before
from tests.house.keeper import Servers
from tests.house.living import LivingHouse

SOME_APART = {"contacts": ("rpc", "events,jobs"), **dict.fromkeys(list(APART)[1:], ("all",))}


@pytest.fixture
def house(servers: Servers, tmp_path: Path, times: int) -> Iterator[LivingHouse]:
    """A house of the version before this one."""
    roles = SOME_APART if times == 1 else APART
    living = LivingHouse(servers, gateway=True, roles=roles, version=version_before(tmp_path))
    try:
        yield living.open()
    finally:
        living.close()


def revisions(house: LivingHouse) -> dict[str, str]:
    """Which migration each database is at."""
    told = {}
    for service in house.services:
        with house.database(service).connect() as connection:
            told[service] = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    return told


def replace_every_process(house: LivingHouse, journal: HttpJournal) -> None:
    """Start each anew beside the one that runs, which leaves by itself; the gateway last, when nobody comes to it."""
    for name in house.house.names():
        leaving = house.replace(name, before=journal.visitors.all_moved)
        assert leaving.exit_code == 0, f"{name} did not leave by itself:\n{leaving.tail()}"


def at_work_in(house: LivingHouse, name: str) -> Path:
    """The tree of whose code a process is."""
    return Path(f"/proc/{house.process(name).pid}/cwd").resolve()


@pytest.mark.requirement("O04")
def test_there_and_back_under_load_nothing_is_lost_refused_or_repeated(house: LivingHouse, times: int) -> None:
    journal = HttpJournal(house)
    there, was_at = set(house.queues()), revisions(house)
    with journal.sellers(2):
        assert wait_for(lambda: journal.sold, 60), "nothing is sold"
        house.upgrade()
        assert revisions(house) != was_at, "there was nothing to migrate"
        journal.born_later = set(house.queues()) - there
        on_the_old = len(journal.sold)
        assert wait_for(lambda: len(journal.sold) > on_the_old + 5, 60), "old code sells nothing on the new tables"
        replace_every_process(house, journal)
        handed_back = house.redelivered()  # by the old version, which may leave otherwise than this one
        for _ in range(times - 1):
            replace_every_process(house, journal)
        house.go_back()
        replace_every_process(house, journal)
        assert at_work_in(house, "gateway") == house.version, "it was to be the old one again"
        on_the_new = len(journal.sold)
        assert wait_for(lambda: len(journal.sold) > on_the_new + 5, 60), "old code sells nothing after new code"
    assert not journal.refused, f"{len(journal.refused)} of {journal.answered.total()}: {journal.refused[:3]}"
    journal.check()
    assert not house.redelivered() - handed_back, "what was taken was not applied, but handed back"
