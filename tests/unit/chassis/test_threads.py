"""Work in real threads, and what must not meet itself there."""

from __future__ import annotations

import threading
import time

import eventlet
import pytest

from chassis.cpu import alone_in_thread, in_thread


@pytest.mark.parametrize(("way", "most"), [(in_thread, 3), (alone_in_thread, 1)])
def test_what_is_done_alone_meets_nobody(way, most):
    at_work, seen, all_there = [], [], threading.Barrier(most)

    def work(number: int) -> int:
        at_work.append(number)
        all_there.wait(30)
        seen.append(len(at_work))
        time.sleep(0.05)
        at_work.remove(number)
        return number

    doing = [eventlet.spawn(way, work, number) for number in range(3)]
    assert [one.wait() for one in doing] == [0, 1, 2]
    assert max(seen) == most
