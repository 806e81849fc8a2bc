"""What a worker heard about people since their tokens were signed, and whom it lets in."""

import pytest

from chassis.actor import Actor
from contracts.errors import NotSignedIn, Unavailable
from gateway import notices
from gateway.notices import Notices

ADA = "01a20404-0000-7000-8000-000000000001"


@pytest.fixture
def board(monkeypatch):
    monkeypatch.setattr(notices, "PATIENCE_SECONDS", 0.01)
    return Notices("", None, lambda: "")


def ada(session="s1", version=3):
    return Actor(ADA, "admin", "Ada", {"sid": session, "ver": version})


def changed(version, role="sales", active=True):
    return {"team_member_id": ADA, "version": version, "role": role, "name": "Ada", "active": active}


def test_nobody_is_let_in_before_the_board_is_complete(board):
    with pytest.raises(Unavailable):
        board.had_to_be_awaited()
    board.learn({"ended_sessions": [], "changed_members": []})
    assert not board.had_to_be_awaited()


@pytest.mark.requirement("G02")
def test_a_session_that_ended_is_over_and_another_one_of_theirs_is_not(board):
    board.learn({"ended_sessions": ["s1"], "changed_members": []})
    with pytest.raises(NotSignedIn):
        board.as_of_now(ada("s1"))
    assert board.as_of_now(ada("s2")) == ada("s2")


@pytest.mark.requirement("G05")
@pytest.mark.parametrize(
    ("versions", "role", "why"),
    [
        ([4], "sales", "news later than the token"),
        ([3], "admin", "the token knows it already"),
        ([2], "admin", "old news"),
        ([5, 4], "v5", "news that overtook older news"),
    ],
)
def test_the_newest_role_counts(board, versions, role, why):
    for version in versions:
        role_then = f"v{version}" if len(versions) > 1 else "sales"
        board.learn({"ended_sessions": [], "changed_members": [changed(version, role_then)]})
    assert board.as_of_now(ada()).role == role, why


@pytest.mark.requirement("G09")
def test_who_was_deactivated_is_refused_whatever_the_session(board):
    board.learn({"ended_sessions": [], "changed_members": [changed(4, active=False)]})
    with pytest.raises(NotSignedIn):
        board.as_of_now(ada("any"))
    board.learn({"ended_sessions": [], "changed_members": [changed(5)]})
    assert board.as_of_now(ada("any")).role == "sales"


def test_what_no_token_remembers_is_forgotten(board, monkeypatch):
    board.learn({"ended_sessions": ["s1"], "changed_members": [changed(4)]})
    now = notices.time.monotonic()
    monkeypatch.setattr(notices.time, "monotonic", lambda: now + notices.KEPT_SECONDS + 1)
    board._forget()
    assert board.as_of_now(ada()) == ada()
