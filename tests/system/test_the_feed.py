"""The event feed by HTTP: who waits is told at once, costs little, and is let go in time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders.waiting import eventually


@pytest.mark.requirement("G07")
def test_a_long_poll_is_answered_when_something_happens(api, a_lead_of):
    end = _end_of_the_feed(api)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.get, f"/events?after={end}&wait=20")
        time.sleep(0.5)  # the poll has to be on its way before anything happens; nothing waits on this
        contact = a_lead_of().json()["id"]
        page = waiting.result(15).json()
    assert contact in [item.get("subject") for item in page["items"]]
    assert page["next"] != end


@pytest.mark.requirement("G07")
def test_a_long_poll_without_news_ends_where_it_began(api):
    end = eventually(lambda: (found := _end_of_the_feed(api)) == _end_of_the_feed(api) and found)
    started = time.monotonic()
    page = api.get(f"/events?after={end}&wait=1").json()
    assert page == {"items": [], "next": end}
    assert 0.9 < time.monotonic() - started < 5


@pytest.mark.requirement("O04")
def test_a_gateway_that_leaves_answers_who_waits_and_is_gone_at_once(api, house):
    end = _end_of_the_feed(api)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.get, f"/events?after={end}&wait=30")
        time.sleep(0.5)  # the poll has to be on its way; that it is cannot be seen from outside
        started = time.monotonic()
        house.process("gateway").stop()
        try:
            assert waiting.result(5).status_code == 200
            assert time.monotonic() - started < 10
        finally:
            house.start_again("gateway")


def test_a_hundred_who_wait_hold_up_nobody(api):
    end = _end_of_the_feed(api)
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(api.get, f"/events?after={end}&wait=6") for _ in range(100)]
        asked = 0
        while not all(poll.done() for poll in waiting):
            assert api.get("/me").elapsed.total_seconds() < 3
            asked += 1
        assert asked > 10
        assert {poll.result().status_code for poll in waiting} == {200}


def _end_of_the_feed(api) -> str:
    cursor = "0"
    while (page := api.get(f"/events?after={cursor}&limit=500").json())["items"]:
        cursor = page["next"]
    return cursor
