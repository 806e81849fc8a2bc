"""The people who work here."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.actor import Actor
from contracts.access import ROLES
from contracts.contacts import team
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Stale, Throttled
from services.contacts.team.actions.signing import TRIES
from tests.builders.people import a_colleague, an_email

PASSWORD = "correct horse battery staple"
NOBODY = "01890000-0000-7000-8000-00000000dead"
LAUNCHER = Actor("service:tests", "service", "tests")


def sign_in(ask, member, password: str = PASSWORD):
    return ask(team.sign_in, email=member["email"], password=password)


@pytest.mark.requirement("G02")
def test_a_team_member_signs_in_whatever_the_case_of_the_address(ask):
    member = a_colleague(ask, password=PASSWORD)
    session = ask(team.sign_in, email=member["email"].swapcase(), password=PASSWORD)
    assert session["team_member"] == member
    assert session["refresh_token"].startswith(session["session_id"])


@pytest.mark.requirement("G02", "G04")
def test_a_wrong_password_and_an_unknown_address_are_answered_alike(ask):
    member = a_colleague(ask, password=PASSWORD)
    answers, times = set(), {"known": [], "unknown": []}
    for _ in range(6):
        for who, address in (("known", member["email"]), ("unknown", an_email()["value"])):
            begun = time.perf_counter()
            with pytest.raises(NotSignedIn) as refusal:
                ask(team.sign_in, email=address, password="wrong password")
            times[who].append(time.perf_counter() - begun)
            answers.add(str(refusal.value))
    assert len(answers) == 1
    known, unknown = statistics.median(times["known"]), statistics.median(times["unknown"])
    assert unknown > known / 3


@pytest.mark.requirement("G02")
def test_after_so_many_tries_the_password_is_not_even_looked_at(ask):
    member = a_colleague(ask, password=PASSWORD)

    def guess(_: int) -> type[Exception] | None:
        try:
            ask(team.sign_in, email=member["email"], password="a guess")
        except (NotSignedIn, Throttled) as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(8) as crowd:
        outcomes = list(crowd.map(guess, range(TRIES + 15)))
    assert outcomes.count(NotSignedIn) == TRIES
    assert outcomes.count(Throttled) == 15
    with pytest.raises(Throttled) as refusal:
        sign_in(ask, member)
    assert 0 < refusal.value.extra["retry_after"] <= 15 * 60


@pytest.mark.requirement("G09")
def test_who_leaves_is_signed_out_and_keeps_the_name(ask, subscriber):
    member = a_colleague(ask, password=PASSWORD, name="Grace Hopper")
    session = sign_in(ask, member)
    listener = subscriber("contacts.events", "team_member.*")
    gone = ask(team.change_team_member, team_member_id=member["id"], active=False)
    assert (gone["name"], gone["active"], gone["version"]) == ("Grace Hopper", False, 2)
    with pytest.raises(NotSignedIn):
        ask(team.refresh_session, refresh_token=session["refresh_token"])
    with pytest.raises(NotSignedIn):
        sign_in(ask, member)
    told = listener.wait_for("team_member.changed")
    assert told.data == {
        "team_member_id": member["id"], "name": "Grace Hopper", "role": "sales", "active": False, "version": 2,
        "changes": {"active": {"before": True, "after": False}},
    }  # fmt: skip
    ask(team.change_team_member, team_member_id=member["id"], active=True)
    with pytest.raises(NotSignedIn):
        ask(team.refresh_session, refresh_token=session["refresh_token"])
    assert sign_in(ask, member)["team_member"]["name"] == "Grace Hopper"


def test_changing_nothing_of_a_member_makes_no_new_version(ask):
    member = a_colleague(ask)
    assert ask(team.change_team_member, team_member_id=member["id"], name=member["name"], role="sales") == member


@pytest.mark.requirement("G06")
def test_a_lost_update_of_a_member_is_refused(ask):
    member = a_colleague(ask)
    ask(team.change_team_member, team_member_id=member["id"], name="One", expected_version=1)
    with pytest.raises(Stale):
        ask(team.change_team_member, team_member_id=member["id"], name="Other", expected_version=1)


@pytest.mark.requirement("G05")
def test_only_an_owner_makes_or_changes_an_owner(ask):
    owner = ask(team.get_me)["id"]
    with pytest.raises(Forbidden):
        a_colleague(lambda rpc, **given: ask(rpc, actor="admin", **given), role="owner")
    with pytest.raises(Forbidden):
        ask(team.change_team_member, actor="admin", team_member_id=owner, active=False)
    member = a_colleague(ask)
    with pytest.raises(Forbidden):
        ask(team.change_team_member, actor="admin", team_member_id=member["id"], role="owner")
    with pytest.raises(Forbidden):
        ask(team.change_team_member, actor="sales", team_member_id=member["id"], role="admin")


@pytest.mark.requirement("G05")
def test_the_last_active_owner_stays(ask):
    owner = ask(team.get_me)["id"]
    for change in ({"active": False}, {"role": "admin"}):
        with pytest.raises(Conflict):
            ask(team.change_team_member, team_member_id=owner, **change)
    second = a_colleague(ask, role="owner")
    assert ask(team.change_team_member, team_member_id=second["id"], role="admin")["role"] == "admin"


def test_one_address_has_one_account(ask):
    member = a_colleague(ask)
    with pytest.raises(Conflict) as refusal:
        a_colleague(ask, email=member["email"].upper())
    assert refusal.value.extra["existing_id"] == member["id"]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"role": "member"}, "/role"),
        ({"role": "service"}, "/role"),
        ({"email": "nobody"}, "/email"),
        ({"password": "short"}, "/password"),
        ({"name": " "}, "/name"),
    ],
    ids=str,
)
def test_an_account_that_makes_no_sense_is_refused(ask, given, pointer):
    with pytest.raises(Invalid) as refusal:
        a_colleague(ask, **given)
    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


@pytest.mark.requirement("G05")
def test_everybody_sees_themselves_and_what_they_may(ask):
    member = a_colleague(ask, role="staff")
    me = ask(team.get_me, actor=Actor(member["id"], "staff", member["name"]))
    assert me == {**member, "permissions": sorted(ROLES["staff"])}
    with pytest.raises(NotFound):
        ask(team.get_me, actor=LAUNCHER)


@pytest.mark.requirement("G09")
def test_the_team_is_listed_with_and_without_those_who_left(ask):
    here, gone = a_colleague(ask), a_colleague(ask)
    ask(team.change_team_member, team_member_id=gone["id"], active=False)

    def listed(**asked) -> set[str]:
        return {member["id"] for member in ask(team.list_team, limit=200, **asked)["items"]}

    assert {here["id"], gone["id"]} <= listed()
    assert gone["id"] not in listed(active=True)
    assert here["id"] not in listed(active=False)


@pytest.mark.requirement("G02")
def test_the_launcher_ensures_an_owner(ask):
    email = an_email()["value"]
    first = ask(team.ensure_owner, actor=LAUNCHER, email=email, password=PASSWORD)
    again = ask(team.ensure_owner, actor=LAUNCHER, email=email.upper(), password=PASSWORD)
    assert (first["created"], again["created"]) == (True, False)
    assert first["team_member"] == again["team_member"]
    session = sign_in(ask, first["team_member"])

    ask(team.ensure_owner, actor=LAUNCHER, email=email, password="another password")
    assert sign_in(ask, first["team_member"], "another password")
    with pytest.raises(NotSignedIn):
        ask(team.refresh_session, refresh_token=session["refresh_token"])
    with pytest.raises(Forbidden):
        ask(team.ensure_owner, email=email, password=PASSWORD)
    ask(team.change_team_member, team_member_id=first["team_member"]["id"], role="sales")


@pytest.mark.requirement("G09")
def test_one_team_member_is_read_and_found_by_name_address_and_role_even_after_leaving(ask):
    member = a_colleague(ask, role="dispatcher")
    left = ask(team.change_team_member, team_member_id=member["id"], active=False)
    assert ask(team.get_team_member, actor="practitioner", team_member_id=member["id"]) == left
    with pytest.raises(NotFound):
        ask(team.get_team_member, team_member_id=NOBODY)
    for q in (member["name"].upper(), member["email"][:-4].swapcase()):
        found = ask(team.list_team, q=q, role="dispatcher", active=False)["items"]
        assert [one["id"] for one in found] == [member["id"]]
    assert ask(team.list_team, q=member["email"], role="sales")["items"] == []
