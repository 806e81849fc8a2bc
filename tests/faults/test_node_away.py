"""One of three nodes of the broker goes away for good: requests are answered and events heard as if it had not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from chassis.broker import connect, discard
from gateway.notices import Notices
from tests.faults.cluster import a_cluster
from tests.faults.journal import Journal
from tests.faults.probe.house import ProbeHouse
from tests.house.keeper import Servers

BACK_SECONDS = 10.0


def queue_of(board: Notices, uri: str) -> str:
    """The queue on which a worker of the gateway hears, found or made anew."""
    raw = connect(uri)
    try:
        board._find_queue(raw)
    finally:
        discard(raw)
    assert board._queue is not None
    return board._queue


@pytest.mark.requirement("O02", "O04")
@pytest.mark.skipif("FAULTS_TIMES" not in os.environ, reason="three nodes on two cores: ./rapport soak node_away")
def test_what_lives_on_a_node_that_went_away_goes_on_without_it(servers: Servers, tmp_path: Path) -> None:
    with a_cluster(tmp_path) as cluster:
        house = ProbeHouse(servers, broker=cluster)
        try:
            journal = Journal(house.open())
            journal.write("before")
            lost = cluster.where("rpc-probe")
            board = Notices("", None, lambda: "")
            before = queue_of(board, lost.uri)
            assert cluster.where(before) is lost
            with journal.writers():
                lost.kill()
                began = time.monotonic()
                journal.write("first after it went")
                assert time.monotonic() - began < BACK_SECONDS
                assert queue_of(board, cluster.uri) != before
            journal.check(30)
        finally:
            house.close()
