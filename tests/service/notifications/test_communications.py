"""The log of every word exchanged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from contracts.errors import Forbidden, Invalid
from contracts.notifications import communications, messages
from tests.house.living import LivingHouse
from tests.service.notifications.letters import WELCOME

pytestmark = pytest.mark.requirement("N01")
Ask = Callable[..., Any]


def test_a_call_is_written_down_with_what_came_of_it(mail_house: LivingHouse, ask: Ask, a_contact: Ask) -> None:
    contact = a_contact(standing="archived")  # it happened, whatever they are by now
    listening = mail_house.subscriber("notifications.events", "message.logged")
    call = ask(
        communications.log_communication, contact_id=contact["contact_id"], channel="call", direction="in",
        happened_at="2026-05-03T10:00:00+02:00", duration_seconds=240, notes="Asked for\nyoga", outcome="trial booked",
    )  # fmt: skip
    assert (call["state"], call["happened_at"]) == ("logged", "2026-05-03T08:00:00Z")
    heard = listening.wait_for("message.logged", subject=contact["contact_id"])
    listening.close()
    assert heard.data["outcome"] == "trial booked"
    assert "notes" not in heard.data
    (logged,) = ask(communications.list_communications, contact_id=contact["contact_id"])["items"]
    assert logged == call
    assert (logged["notes"], logged["duration_seconds"], logged["by_name"]) == ("Asked for\nyoga", 240, "Olive Owner")


def test_the_log_is_newest_first_in_pages_and_by_channel(ask: Ask, a_contact: Ask) -> None:
    contact = a_contact()["contact_id"]
    ask(messages.send_message, contact_id=contact, template_id=WELCOME)
    for day in (3, 1, 2):
        ask(
            communications.log_communication, contact_id=contact, channel="call", direction="out",
            happened_at=f"2026-05-0{day}T10:00:00Z", subject=f"day {day}",
        )  # fmt: skip
    ask(
        communications.log_communication, contact_id=contact, channel="email", direction="in",
        happened_at="2026-05-02T11:00:00Z", subject="Re: day 2", body_text="Yes!", counterpart="ada@example.com",
    )  # fmt: skip
    expected = ["Welcome to Rapport", "day 3", "Re: day 2", "day 2", "day 1"]
    assert pages(ask, contact_id=contact) == expected
    assert pages(ask, contact_id=contact, sort="oldest") == expected[::-1]
    assert pages(ask, contact_id=contact, channel="call") == ["day 3", "day 2", "day 1"]
    assert pages(ask, contact_id=contact, channel="email") == ["Welcome to Rapport", "Re: day 2"]


def pages(ask: Ask, **asked: Any) -> list[str]:
    seen: list[str] = []
    while True:
        page = ask(communications.list_communications, limit=2, **asked)
        assert len(page["items"]) <= 2
        seen += [item["subject"] for item in page["items"]]
        if page["next"] is None:
            return seen
        asked["cursor"] = page["next"]


def test_the_log_of_somebody_who_was_never_spoken_to_is_empty(ask: Ask, a_contact: Ask) -> None:
    answer = ask(communications.list_communications, contact_id=a_contact()["contact_id"])
    assert answer == {"items": [], "next": None}


@pytest.mark.parametrize(
    ("told", "pointer"),
    [
        ({"channel": "pigeon"}, "/channel"),
        ({"direction": "sideways"}, "/direction"),
        ({"duration_seconds": 60}, "/duration_seconds"),
        ({"channel": "call", "duration_seconds": -1}, "/duration_seconds"),
        ({"channel": "call", "duration_seconds": 2**63}, "/duration_seconds"),
        ({"channel": "call", "duration_seconds": 1.5}, "/duration_seconds"),
        ({"happened_at": "2026-05-03T10:00:00"}, "/happened_at"),
        ({"happened_at": "0001-01-01T00:00:00Z"}, "/happened_at"),
        ({"happened_at": (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).isoformat()}, "/happened_at"),
        ({"notes": "a\x00b"}, "/notes"),
        ({"contact_id": "1"}, "/contact_id"),
    ],
)
def test_what_cannot_have_happened_is_not_written_down(ask: Ask, a_contact: Ask, told: Any, pointer: str) -> None:
    request = {"contact_id": a_contact()["contact_id"], "channel": "email", "direction": "in"} | told
    with pytest.raises(Invalid) as refusal:
        ask(communications.log_communication, **request)
    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


def test_a_cursor_of_another_list_is_refused(ask: Ask, a_contact: Ask) -> None:
    with pytest.raises(Invalid):
        ask(communications.list_communications, contact_id=a_contact()["contact_id"], cursor="bm9wZQ")


def test_only_who_reads_messages_reads_the_log(ask: Ask, a_contact: Ask) -> None:
    with pytest.raises(Forbidden):
        ask(communications.list_communications, contact_id=a_contact()["contact_id"], actor="practitioner")
