"""States, tokens and hashes of agreements."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from zoneinfo import ZoneInfo

import pytest

from services.documents.agreements.rules import content_hash, hash_of_key, hash_of_token, state_at, token_of
from services.documents.base import Business
from services.documents.papers.rules import file_name

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
SECRET = "s" * 32
ID = "0199f0aa-0000-7000-8000-000000000001"


@pytest.mark.parametrize(
    ("state", "seconds_left", "seen"),
    [
        ("sent", 1, "sent"),
        ("sent", 0, "expired"),
        ("viewed", -1, "expired"),
        ("signed", -1, "signed"),
        ("declined", -1, "declined"),
        ("recalled", -1, "recalled"),
        ("draft", None, "draft"),
    ],
)
def test_only_what_waits_for_a_signature_expires(state: str, seconds_left: int | None, seen: str) -> None:
    expires_at = None if seconds_left is None else NOW + dt.timedelta(seconds=seconds_left)
    assert state_at(state, expires_at, NOW) == seen


def test_the_content_hash_can_be_made_by_anybody() -> None:
    assert content_hash("Title", "Zażółć") == hashlib.sha256("Title\n\nZażółć".encode()).hexdigest()


def test_each_link_has_a_token_of_its_own_that_needs_the_secret() -> None:
    tokens = {
        token_of(ID, 1, SECRET),
        token_of(ID, 2, SECRET),
        token_of(ID[:-1] + "2", 1, SECRET),
        token_of(ID, 1, "t" * 32),
    }
    assert len(tokens) == 4
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert token_of(ID, 1, SECRET) == token_of(ID, 1, SECRET)


@pytest.mark.parametrize("token", ["", "\0", "\ud800", "a" * 10_000, "ż"])
def test_any_text_can_be_looked_up_as_a_token(token: str) -> None:
    assert len(hash_of_token(token)) == 32


def test_the_same_key_of_another_actor_is_another_key() -> None:
    assert hash_of_key("ada", "1") != hash_of_key("bob", "1")
    assert hash_of_key("ada", "1") == hash_of_key("ada", "1")


@pytest.mark.parametrize(("zone", "today"), [("UTC", "22 November 2026"), ("Pacific/Auckland", "23 November 2026")])
def test_today_is_the_day_at_the_business(zone: str, today: str) -> None:
    assert Business("Studio", ZoneInfo(zone), 30).today(NOW) == today


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Liability waiver", "liability-waiver-2026-11-22.pdf"),
        ("../../etc/passwd", "etc-passwd-2026-11-22.pdf"),
        ('a"; filename="b\r\n', "a-filename-b-2026-11-22.pdf"),
        ("Zażółć gęślą", "zazoc-gesla-2026-11-22.pdf"),
        ("契約書", "agreement-2026-11-22.pdf"),
        ("x" * 200, "x" * 60 + "-2026-11-22.pdf"),
    ],
)
def test_the_name_of_the_file_is_safe_in_headers_and_folders(title: str, name: str) -> None:
    assert file_name(title, NOW) == name
