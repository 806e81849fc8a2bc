"""The event feed by HTTP: who waits is told at once, costs little, and is let go in time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders.waiting import eventually


@pytest.mark.requirement("G07")
def test_a_long_poll_is_answered_when_something_happens(api, feed, a_lead_of):
    end = feed.end
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.get, f"/events?after={end}&wait=20")
        eventually(lambda: waiting.done() or _asked_at_once(api) > 0)
        contact = a_lead_of().json()["id"]
        page = waiting.result(25).json()
    assert page["next"] != end
    while contact not in [item.get("subject") for item in page["items"]]:  # what others have begun may come before
        assert page["items"], "nobody was told of it"
        page = api.get(f"/events?after={page['next']}&wait=20").json()


@pytest.mark.requirement("G07")
def test_a_long_poll_without_news_ends_where_it_began(api, feed):
    page, seconds = _quiet(api, feed)
    assert page["next"] == feed.end
    assert 0.9 < seconds < 15


@pytest.mark.requirement("O04")
def test_a_gateway_that_leaves_answers_who_waits_and_is_gone_at_once(api, house, feed):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(api.get, f"/events?after={feed.end}&wait=30")
        eventually(lambda: waiting.done() or _asked_at_once(api) > 0)
        api.session.close()  # to gunicorn an idle connection is a request, for which it waits some seconds
        started = time.monotonic()
        house.process("gateway").stop()
        try:
            assert waiting.result(5).status_code == 200
            assert time.monotonic() - started < 15
        finally:
            house.start_again("gateway")


def test_a_hundred_who_wait_hold_up_nobody(api, feed):
    _quiet(api, feed)
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(api.get, f"/events?after={feed.end}&wait=8") for _ in range(100)]
        eventually(lambda: _asked_at_once(api) > 90 or any(poll.done() for poll in waiting))
        asked = 0
        while not all(poll.done() for poll in waiting):
            assert api.get("/me").elapsed.total_seconds() < 3
            asked += 1
        assert asked > 10
        assert {poll.result().status_code for poll in waiting} == {200}


def _quiet(api, feed):
    """The answer to a poll of a second without news, and how long it took: what other tests began may go on."""

    def look():
        feed.news()
        started = time.monotonic()
        page = api.get(f"/events?after={feed.end}&wait=1").json()
        return not page["items"] and (page, time.monotonic() - started)

    return eventually(look)


def _asked_at_once(api) -> int:
    """How many requests the gateway is answering beside the one that asks for it."""
    lines = api.get(f"{api.url}/metrics").text.splitlines()
    name = "rapport_http_requests_in_flight"
    return int(sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))) - 1
