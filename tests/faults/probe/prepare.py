"""`python -m tests.faults.probe.prepare`: make the probe's database and queues, like chassis.migrate."""

from pathlib import Path

from chassis.config import settings
from chassis.migrate import create_database, declare_queues, migrate
from tests.faults.probe.contract import NAME
from tests.faults.probe.service import Probe


def main(_: list[str]) -> int:
    url = settings().database_url_of(NAME)
    create_database(url)
    migrate(NAME, url, Path(__file__).parent / "migrations" / "versions")
    declare_queues(NAME, Probe)
    return 0


if __name__ == "__main__":
    main([])
