"""Preferences, the ledger under them, and whether something may be sent, by the door."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.contacts import consent
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from tests.builders.people import a_lead

ON_PAPER = {"how": "paper form", "when": "2026-05-01", "text": "I want the newsletter.", "note": "page 2"}


@pytest.fixture
def ada(ask):
    return a_lead(ask)["id"]


def member(contact_id: str) -> Actor:
    return Actor(contact_id, "member", "Ada herself")


@pytest.mark.requirement("C08", "C09")
def test_a_team_member_changes_preferences_with_the_contacts_consent(ask, subscriber, ada):
    listener = subscriber("contacts.events", "*.changed")
    before = ask(consent.get_preferences, contact_id=ada)
    assert (before["version"], before["preferred_contact_method"]) == (1, None)
    assert before["channels"]["email"]["marketing"] == {"allowed": False, "said": None, "since": None}

    wishes = {
        "preferred_contact_method": "sms",
        "channels": {"email": {"marketing": True}, "sms": {"reminders": False}},
    }
    with pytest.raises(Invalid) as refusal:
        ask(consent.change_preferences, contact_id=ada, **wishes)
    assert [error["pointer"] for error in refusal.value.errors] == ["/consent"]

    after = ask(consent.change_preferences, contact_id=ada, consent=ON_PAPER, **wishes, expected_version=1)
    assert (after["version"], after["preferred_contact_method"]) == (2, "sms")
    assert after["channels"]["email"]["marketing"]["said"] is True
    assert after["channels"]["sms"]["reminders"]["allowed"] is False
    assert after == ask(consent.get_preferences, contact_id=ada)

    told = listener.wait_for("consent.changed", subject=ada)
    assert (told.data["channel"], told.data["purpose"], told.data["granted"]) == ("email", "marketing", True)
    assert (told.data["said_at"], told.data["before"]) == ("2026-05-01T00:00:00Z", None)
    assert listener.wait_for("preferences.changed", subject=ada).data["after"] == "sms"

    ledger = ask(consent.list_consents, contact_id=ada)["items"]
    assert {line["about"] for line in ledger} == {"marketing", "reminders", "preferred_contact_method"}
    [line] = ask(consent.list_consents, contact_id=ada, channel="email", about="marketing")["items"]
    assert (line["text"], line["how"], line["note"]) == ("I want the newsletter.", "paper form", "page 2")
    assert line["recorded_by_name"]
    with pytest.raises(Stale):
        ask(consent.change_preferences, contact_id=ada, preferred_contact_method="mail", expected_version=1)
    ask(consent.change_preferences, contact_id=ada, consent=ON_PAPER, channels={"email": {"marketing": False}})
    told = listener.wait_for("consent.changed", subject=ada, count=3)
    assert (told.data["channel"], told.data["before"], told.data["granted"]) == ("email", True, False)


@pytest.mark.requirement("C09")
def test_members_speak_for_themselves_and_for_nobody_else(ask, ada):
    own = ask(consent.change_preferences, actor=member(ada), contact_id=ada, channels={"push": {"marketing": True}})
    assert own["channels"]["push"]["marketing"]["allowed"]
    [line] = ask(consent.list_consents, actor=member(ada), contact_id=ada)["items"]
    assert (line["how"], line["recorded_by"]) == ("by themselves", ada)
    other = a_lead(ask)["id"]
    for rpc, more in [
        (consent.get_preferences, {}),
        (consent.list_consents, {}),
        (consent.may_send, {"channel": "email", "purpose": "marketing"}),
        (consent.change_preferences, {"channels": {"email": {"marketing": True}}}),
    ]:
        with pytest.raises(NotFound):
            ask(rpc, actor=member(ada), contact_id=other, **more)
    with pytest.raises(Forbidden):
        ask(consent.change_preferences, actor="dispatcher", contact_id=ada)


@pytest.mark.requirement("C09")
def test_may_send_answers_why_with_the_line_that_decides(ask, database, ada):
    def verdict(purpose="marketing"):
        return ask(consent.may_send, contact_id=ada, channel="email", purpose=purpose)

    assert (verdict()["allowed"], verdict()["entry"], verdict("transactional")["allowed"]) == (False, None, True)
    ask(consent.change_preferences, contact_id=ada, channels={"email": {"marketing": True}}, consent=ON_PAPER)
    agreed = verdict()
    assert (agreed["allowed"], agreed["since"]) == (True, "2026-05-01T00:00:00Z")
    assert agreed["entry"]["text"] == "I want the newsletter."
    later = {"how": "by phone", "when": "2026-06-01T10:00:00+02:00"}
    ask(consent.change_preferences, contact_id=ada, channels={"email": {"marketing": False}}, consent=later)
    refused = verdict()
    assert (refused["allowed"], refused["since"]) == (False, "2026-06-01T08:00:00Z")
    assert "by phone" in refused["because"]
    assert verdict("transactional")["allowed"]
    assert verdict("reminders")["allowed"]

    with pytest.raises(Conflict) as refusal:  # what they said later holds
        ask(consent.change_preferences, contact_id=ada, channels={"email": {"marketing": True}}, consent=ON_PAPER)
    assert [error["pointer"] for error in refusal.value.errors] == ["/channels/email/marketing"]

    with database("contacts").begin() as connection:  # there is no door for archiving yet
        connection.execute(sa.text("UPDATE contacts SET standing = 'archived' WHERE id = :id"), {"id": ada})
    assert not verdict("transactional")["allowed"]
    assert "archived" in verdict("transactional")["because"]


@pytest.mark.requirement("C09")
def test_saying_the_same_again_is_no_line(ask, ada):
    wishes = {"channels": {"email": {"marketing": True}}}
    first = ask(consent.change_preferences, contact_id=ada, **wishes, consent=ON_PAPER)
    assert ask(consent.change_preferences, contact_id=ada, **wishes) == first
    assert ask(consent.change_preferences, contact_id=ada) == first
    assert len(ask(consent.list_consents, contact_id=ada)["items"]) == 1


@pytest.mark.requirement("C09")
@pytest.mark.parametrize("change", ["UPDATE consents SET granted = NOT granted", "DELETE FROM consents"])
def test_the_database_refuses_to_change_what_was_said(ask, database, ada, change):
    ask(consent.change_preferences, contact_id=ada, channels={"email": {"marketing": True}}, consent=ON_PAPER)
    with database("contacts").connect() as connection, pytest.raises(sa.exc.IntegrityError, match="kept as they were"):
        connection.execute(sa.text(f"{change} WHERE contact_id = :id"), {"id": ada})


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"channels": {"pigeon": {"marketing": True}}}, "/channels/pigeon"),
        ({"channels": {"email": {"marketing": None}}}, "/channels/email/marketing"),
        ({"channels": {"email": {"gossip": True}}}, "/channels/email/gossip"),
        ({"channels": None}, "/channels"),
        ({"preferred_contact_method": "pigeon"}, "/preferred_contact_method"),
        ({"preferred_contact_method": "sms", "consent": {"how": "", "when": "2026-05-01"}}, "/consent/how"),
        ({"preferred_contact_method": "sms", "consent": {"how": "x", "when": "soon"}}, "/consent/when"),
        ({"preferred_contact_method": "sms", "consent": {"how": "x", "when": "2026-05-01T10:00:00"}}, "/consent/when"),
        ({"preferred_contact_method": "sms", "consent": {"how": "x", "when": "2999-01-01"}}, "/consent/when"),
        ({"contact_id": "me"}, "/contact_id"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(ask, ada, given, pointer):
    with pytest.raises(Invalid) as refusal:
        ask(consent.change_preferences, **{"contact_id": ada, **given})
    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


def test_nobody_has_no_preferences(ask):
    for rpc in (consent.get_preferences, consent.list_consents, consent.change_preferences):
        with pytest.raises(NotFound):
            ask(rpc, contact_id=new_id())
    with pytest.raises(NotFound):
        ask(consent.may_send, contact_id=new_id(), channel="sms", purpose="marketing")


@pytest.mark.requirement("C09")
def test_those_who_allow_are_those_of_whom_may_send_says_so(ask, database):
    from services.contacts.consent.queries import those_who_allow

    said = {"yes": [True], "no": [False], "changed": [True, False], "back": [True, False, True], "silent": []}
    people = {name: a_lead(ask)["id"] for name in said}
    for name, words in said.items():
        for n, word in enumerate(words):
            when = {"how": "x", "when": (dt.datetime(2026, 5, 1, tzinfo=dt.UTC) + dt.timedelta(days=n)).isoformat()}
            for purpose in ("marketing", "reminders"):
                ask(
                    consent.change_preferences,
                    contact_id=people[name],
                    channels={"mail": {purpose: word}},
                    consent=when,
                )
    for purpose, allowed in (("marketing", {"yes", "back"}), ("reminders", {"yes", "back", "silent"})):
        with database("contacts").connect() as connection:
            found = set(connection.scalars(those_who_allow("mail", purpose)))
        assert {name for name, id in people.items() if id in found} == allowed
        for name, id in people.items():
            verdict = ask(consent.may_send, contact_id=id, channel="mail", purpose=purpose)
            assert verdict["allowed"] is (name in allowed)
