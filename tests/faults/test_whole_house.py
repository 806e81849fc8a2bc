"""The five services and their gateway, one of them killed or frozen while people work with all of them."""

from __future__ import annotations

import os
import random
import signal
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.house_journal import HouseJournal
from tests.house.keeper import Servers
from tests.house.living import LivingHouse
from tests.house.web import Api

DEATHS = 5
CROWD = 100
"""More than a gateway worker lets wait for one service."""
ASKED = 60


@pytest.fixture(scope="module")
def five(servers: Servers) -> Iterator[LivingHouse]:
    living = LivingHouse(servers, gateway=True)
    try:
        yield living.open()
    finally:
        living.close()


@contextmanager
def a_crowd_at(house: LivingHouse, path: str) -> Iterator[list[int]]:
    """A hundred clients who ask for the same thing, again when they are told to; what they are answered."""
    statuses: list[int] = []
    token, stop = house.api().session.headers, threading.Event()

    def ask() -> None:
        client = Api(house.house.url)
        client.session.headers.update(token)
        while not stop.is_set():
            answer = client.get(path)
            statuses.append(answer.status_code)
            stop.wait(float(answer.headers.get("Retry-After", 0.1)))

    with ThreadPoolExecutor(CROWD) as pool:
        crowd = [pool.submit(ask) for _ in range(CROWD)]
        try:
            yield statuses
        finally:
            stop.set()
        for client in crowd:
            client.result()


def refusals_of(api: Api, path: str) -> tuple[list[str], float]:
    """What of so many requests in a row was refused, and the 99th percentile of the time that took, in seconds."""
    refusals, taken = [], []
    for _ in range(ASKED):
        began = time.perf_counter()
        answer = api.get(path)
        taken.append(time.perf_counter() - began)
        refusals += [answer.text] if answer.status_code != 200 else []
    return refusals, statistics.quantiles(taken, n=100)[98]


@pytest.mark.requirement("O04", "C31", "P07", "B03")
def test_whoever_dies_nothing_is_lost_and_nothing_done_twice(five: LivingHouse, times: int) -> None:
    journal, chance = HouseJournal(five), random.Random(times)
    for _ in range(times):
        with journal.sellers():
            for _ in range(DEATHS):
                name = chance.choice([name for name in five.house.names() if name != "gateway"])
                five.process(name).kill()
                five.start_again(name)
    journal.check()


@pytest.mark.requirement("G06", "C13")
def test_a_frozen_service_holds_up_nobody_who_does_not_want_it(five: LivingHouse, times: int) -> None:
    """How much slower the others get is a figure for a quiet machine, not a promise of this test."""
    api = five.api()
    for _ in range(times):
        _, before = refusals_of(api, "/contacts?limit=1")
        five.process("billing").signal(signal.SIGSTOP)
        try:
            with a_crowd_at(five, "/packages?limit=1") as refused:
                refusals, during = refusals_of(api, "/contacts?limit=1")
        finally:
            five.process("billing").signal(signal.SIGCONT)
        assert not refusals, "others were refused with it"
        assert set(refused) == {503}, "some of those who wanted it were neither answered nor refused"
        five.wait(30, ["billing"])
        say(f"p99 of GET /contacts: {before * 1000:.0f} ms, beside a frozen service {during * 1000:.0f} ms")


def say(figure: str) -> None:
    """Leave a figure for `./rapport soak`."""
    if path := os.environ.get("FAULTS_FIGURES"):
        with Path(path).open("a") as figures:
            figures.write(figure + "\n")
