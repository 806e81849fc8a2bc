"""The feed: five gapless logs, merged by time, readable from any position."""

from contextlib import suppress

import pytest
from hypothesis import given, strategies as st

from contracts.errors import Invalid
from gateway.feed import SERVICES, START, beginning_of, cursor_of, merged, positions_of


def _event(position, second, micros=0):
    fraction = f".{micros:06}" if micros else ""
    return {
        "id": f"00000000-0000-7000-8000-{position:012}", "position": position, "type": "contact.created",
        "subject": None, "time": f"2026-03-01T10:00:{second:02}{fraction}Z", "data": {}, "request_id": None,
    }  # fmt: skip


@st.composite
def _logs(draw):
    logs = {}
    for service in SERVICES:
        seconds = draw(st.lists(st.integers(0, 59), max_size=12))
        logs[service] = [_event(place + 1, second) for place, second in enumerate(seconds)]
    return logs


@given(_logs(), st.integers(1, 7))
@pytest.mark.requirement("G07")
def test_reading_page_by_page_gives_every_event_once_and_each_log_in_its_order(logs, limit):
    positions, seen = dict(START), []
    for _ in range(100):
        window = {service: log[positions[service] :][:limit] for service, log in logs.items()}
        items = merged(window, positions, limit)
        if not items:
            break
        assert len(items) <= limit
        seen += items
        positions = positions_of(items[-1]["cursor"])
    for service, log in logs.items():
        mine = [int(item["sequence"]) for item in seen if item["source"] == f"/rapport/{service}"]
        assert mine == [event["position"] for event in log]


@given(_logs())
def test_the_cursor_of_any_item_goes_on_right_after_it(logs):
    whole = merged(logs, START, 1000)
    for place, item in enumerate(whole):
        positions = positions_of(item["cursor"])
        rest = {service: log[positions[service] :] for service, log in logs.items()}
        assert merged(rest, positions, 1000) == whole[place + 1 :]


@pytest.mark.requirement("G07")
def test_reading_begins_with_what_is_still_kept():
    answers = {"contacts": {"items": [_event(41, 1)], "newest": 60}, "billing": {"items": [], "newest": 7}}
    assert beginning_of(answers) == {"contacts": 40, "billing": 7}, "of billing's log nothing is kept"


def test_events_come_by_time():
    logs = {"contacts": [_event(1, 5, 900_000), _event(2, 9)], "billing": [_event(1, 5), _event(2, 6)]}
    order = [(item["source"], item["sequence"]) for item in merged(logs, START, 10)]
    assert order == [
        ("/rapport/billing", "1"), ("/rapport/contacts", "1"), ("/rapport/billing", "2"), ("/rapport/contacts", "2"),
    ]  # fmt: skip


@given(st.lists(st.integers(0, 2**62), min_size=5, max_size=5))
def test_a_cursor_says_back_what_was_put_in(numbers):
    positions = dict(zip(SERVICES, numbers, strict=True))
    assert positions_of(cursor_of(positions)) == positions


@pytest.mark.parametrize("cursor", ["", "0"])
def test_the_start_has_two_names(cursor):
    assert positions_of(cursor) == START


@given(st.one_of(st.text(min_size=1), st.binary(min_size=1).map(lambda raw: raw.hex())))
def test_a_cursor_made_up_is_refused_and_never_breaks_anything(text):
    with suppress(Invalid):
        assert set(positions_of(text)) == set(SERVICES)
