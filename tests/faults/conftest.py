"""Private houses to be hurt. `FAULTS_TIMES=20` runs every row with twenty times the count."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.probe.house import ProbeHouse
from tests.house.keeper import Servers


@pytest.fixture(scope="session")
def times() -> int:
    """How often a row does its thing: once in the suite, more by `./rapport soak`."""
    return int(os.environ.get("FAULTS_TIMES", "1"))


@pytest.fixture(scope="module")
def probe(servers: Servers) -> Iterator[ProbeHouse]:
    """A house with the probe for the tests of one file, each of which leaves it at work."""
    house = ProbeHouse(servers, settings={"RAPPORT_RETRY_DELAYS": "0.2,0.4,0.8"})
    try:
        yield house.open()
    finally:
        house.close()
