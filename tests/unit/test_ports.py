"""Ports that are given out before anybody listens on them."""

from __future__ import annotations

import random

from local.ports import free_port


def test_no_port_is_given_twice_in_a_process():
    given = [free_port() for _ in range(1000)]
    assert len(set(given)) == 1000


def test_who_seeds_chance_does_not_choose_our_ports():
    """As hypothesis does in every process that plays an example."""
    state = random.getstate()
    try:
        random.seed(0)
        first = [free_port() for _ in range(3)]
        random.seed(0)
        assert [free_port() for _ in range(3)] != first
        assert random.getstate() == random.Random(0).getstate()  # and none of it was used up
    finally:
        random.setstate(state)
