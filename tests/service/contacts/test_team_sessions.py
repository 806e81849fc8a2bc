"""Sessions of the people who work here: renewed, resent, ended, and told of."""

from __future__ import annotations

import pytest

from contracts.contacts import revocations, team
from contracts.errors import Forbidden, NotSignedIn
from tests.builders.people import a_colleague

PASSWORD = "correct horse battery staple"
NOBODY = "01890000-0000-7000-8000-00000000dead"


@pytest.fixture
def signed_in(ask):
    """Somebody's session."""
    member = a_colleague(ask, password=PASSWORD)
    return ask(team.sign_in, email=member["email"], password=PASSWORD)


@pytest.fixture
def renew(ask):
    return lambda session: ask(team.refresh_session, refresh_token=session["refresh_token"])


@pytest.mark.requirement("G02")
def test_a_refresh_token_is_good_once_and_a_copy_ends_the_session(ask, signed_in, renew):
    second = renew(signed_in)
    third = renew(second)
    assert {second["session_id"], third["session_id"]} == {signed_in["session_id"]}
    for copy_or_owner in (signed_in, third):
        with pytest.raises(NotSignedIn):
            renew(copy_or_owner)


@pytest.mark.requirement("G02")
def test_a_token_whose_answer_was_lost_gets_the_same_answer_for_a_moment(ask, signed_in, renew, database):
    second = renew(signed_in)
    assert renew(signed_in) == second
    with database("contacts").begin() as connection:
        connection.exec_driver_sql(
            "UPDATE team_sessions SET renewed_at = renewed_at - interval '10 seconds' WHERE id = %s",
            (second["session_id"],),
        )
    for late_or_owner in (signed_in, second):
        with pytest.raises(NotSignedIn):
            renew(late_or_owner)


@pytest.mark.requirement("G02")
@pytest.mark.parametrize("answer_lost", [False, True])
def test_who_signed_out_cannot_refresh(ask, signed_in, renew, answer_lost):
    last = renew(signed_in)
    known = signed_in if answer_lost else last
    for _ in range(2):
        assert ask(team.sign_out, refresh_token=known["refresh_token"]) == {}
    with pytest.raises(NotSignedIn):
        renew(last)


@pytest.mark.parametrize("token", ["x", f"{NOBODY}.abc", NOBODY, "é." * 20, "a.b.c"])
def test_what_is_no_token_is_refused_like_an_old_one(ask, token):
    with pytest.raises(NotSignedIn):
        ask(team.refresh_session, refresh_token=token)
    assert ask(team.sign_out, refresh_token=token) == {}


@pytest.mark.requirement("G02", "G09")
def test_every_end_is_told_and_can_be_asked_for(ask, signed_in, renew, subscriber):
    listener = subscriber("contacts.events", "team_session.ended")
    member = signed_in["team_member"]
    other = ask(team.sign_in, email=member["email"], password=PASSWORD)
    thief = ask(team.sign_in, email=member["email"], password=PASSWORD)
    ask(team.sign_out, refresh_token=other["refresh_token"])
    renew(renew(thief))
    with pytest.raises(NotSignedIn):
        renew(thief)
    ask(team.change_team_member, team_member_id=member["id"], active=False)
    reasons = {other["session_id"]: "signed_out", thief["session_id"]: "token_reused"}
    reasons[signed_in["session_id"]] = "deactivated"
    listener.wait_for("team_session.ended", count=len(reasons))
    told = {event.data["session_id"]: event.data["reason"] for event in listener.heard}
    assert told.items() >= reasons.items()

    known = ask(revocations.list_revocations, actor="service", seconds=600)
    assert reasons.keys() <= set(known["ended_sessions"])
    (change,) = [each for each in known["changed_members"] if each["team_member_id"] == member["id"]]
    assert (change["active"], change["version"]) == (False, 2)
    with pytest.raises(Forbidden):
        ask(revocations.list_revocations, seconds=600)
