"""Keys by which other systems use the API."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest

from chassis.actor import Actor
from contracts.contacts import api_keys, people, team
from contracts.contacts.api_keys import PREFIX
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Stale
from tests.builders.people import a_colleague, an_email

GATEWAY = Actor("service:gateway", "service", "gateway")


def using(ask, key):
    """What the gateway asks when somebody shows a key."""
    secret = key.removeprefix(PREFIX).partition("_")[2]
    name = key.removeprefix(PREFIX).partition("_")[0]
    return ask(
        api_keys.use_api_key, actor=GATEWAY, api_key_id=name, secret_hash=hashlib.sha256(secret.encode()).hexdigest()
    )


@pytest.mark.requirement("G05")
def test_a_key_is_told_once_used_renamed_and_revoked(ask, subscriber):
    listener = subscriber("contacts.events", "api_key.*")
    made = ask(api_keys.make_api_key, name="Website", scopes=["contacts.write", "contacts.read", "contacts.read"])
    key = made.pop("key")
    assert (made["scopes"], made["last_used_at"], made["version"]) == (["contacts.read", "contacts.write"], None, 1)
    assert ask(api_keys.get_api_key, api_key_id=made["id"]) == made
    used = using(ask, key)
    assert used["last_used_at"] is not None
    for wrong in (f"{key}x", f"{PREFIX}{'0' * 32}_{key.rpartition('_')[2]}"):
        with pytest.raises(NotSignedIn):
            using(ask, wrong)
    renamed = ask(api_keys.change_api_key, api_key_id=made["id"], name="Web", expected_version=1)
    with pytest.raises(Stale):
        ask(api_keys.revoke_api_key, api_key_id=made["id"], expected_version=1)
    revoked = ask(api_keys.revoke_api_key, api_key_id=made["id"], expected_version=renamed["version"])
    assert ask(api_keys.revoke_api_key, api_key_id=made["id"])["revoked_at"] == revoked["revoked_at"]
    with pytest.raises(NotSignedIn):
        using(ask, key)
    with pytest.raises(Conflict):
        ask(api_keys.change_api_key, api_key_id=made["id"], name="Late")
    told = {kind: listener.wait_for(f"api_key.{kind}").data for kind in ("made", "changed", "revoked")}
    assert {one["api_key_id"] for one in told.values()} == {made["id"]}
    assert told["changed"]["changes"] == {"name": {"before": "Website", "after": "Web"}}
    assert "key" not in told["made"]
    assert key.rpartition("_")[2] not in str(told)


@pytest.mark.requirement("G05")
def test_a_key_may_no_more_than_who_makes_it_and_never_makes_accounts(ask):
    with pytest.raises(Invalid) as refused:
        ask(api_keys.make_api_key, name="x", scopes=["contacts.read", "team.manage", "no.such"])
    assert [fault["pointer"] for fault in refused.value.errors] == ["/scopes/1", "/scopes/2"]
    website = Actor("01a20404-0000-7000-8000-00000000cafe", "api", "Website", scopes=frozenset({"contacts.read"}))
    with pytest.raises(Forbidden):
        ask(api_keys.make_api_key, actor=website, name="x", scopes=["contacts.read"])
    for wrong in ([], ["contacts.read"] * 100):
        with pytest.raises(Invalid):
            ask(api_keys.make_api_key, name="x", scopes=wrong)


@pytest.mark.requirement("G05")
def test_a_key_expires(house, ask):
    with pytest.raises(Invalid) as refused:
        ask(api_keys.make_api_key, name="x", scopes=["contacts.read"], expires_at="2020-01-01T00:00:00Z")
    assert refused.value.errors[0]["pointer"] == "/expires_at"
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    made = ask(api_keys.make_api_key, name="For an hour", scopes=["contacts.read"], expires_at=soon.isoformat())
    assert using(ask, made["key"])["id"] == made["id"]
    house.let_time_pass(
        "contacts", f"UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = '{made['id']}'"
    )
    with pytest.raises(NotSignedIn):
        using(ask, made["key"])
    listed = {which: ask(api_keys.list_api_keys, active=which, sort="newest") for which in (True, False)}
    assert made["id"] in [one["id"] for one in listed[False]["items"]]
    assert made["id"] not in [one["id"] for one in listed[True]["items"]]
    with pytest.raises(NotFound):
        ask(api_keys.get_api_key, api_key_id="01890000-0000-7000-8000-00000000dead")


@pytest.mark.requirement("C15", "C17")
def test_whom_another_system_enters_came_by_the_api(ask):
    website = Actor("01a20404-0000-7000-8000-00000000cafe", "api", "Website", scopes=frozenset({"contacts.write"}))
    entered = ask(
        people.create_contact, actor=website, kind="person", enter_as="lead", first_name="Ada", emails=[an_email()]
    )
    assert (entered["acquisition"], entered["studio_controlled"], entered["assigned_to"]) == ("api", False, None)
    assert entered["created_by"] == website.id


@pytest.mark.requirement("G05", "G09")
def test_the_keys_of_who_left_are_good_and_are_found(ask):
    """What another system writes must not stop because somebody left; an owner is told which keys to look through."""
    maker = a_colleague(ask, role="admin")
    as_maker = Actor(maker["id"], "admin", maker["name"])
    made = ask(api_keys.make_api_key, actor=as_maker, name="Till", scopes=["contacts.read"])
    assert made["made_by_left"] is False
    ask(team.change_team_member, team_member_id=maker["id"], active=False)
    assert using(ask, made["key"])["made_by_left"] is True
    of_who_left = ask(api_keys.list_api_keys, active=True, made_by_left=True)["items"]
    assert made["id"] in [key["id"] for key in of_who_left]
    assert all(key["made_by_left"] for key in of_who_left)
    assert made["id"] not in [key["id"] for key in ask(api_keys.list_api_keys, made_by_left=False)["items"]]
