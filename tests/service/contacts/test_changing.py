"""Changing contacts by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import people, team
from contracts.errors import Conflict, Invalid, Merged, NotFound, Stale
from tests.builders.people import a_colleague, a_lead, a_phone, an_email


@pytest.mark.requirement("C06", "C31")
def test_a_change_is_told_with_before_and_after(ask, subscriber):
    lead = a_lead(ask, first_name="Ada", last_name="King", gender="female")
    listener = subscriber("contacts.events", "contact.*")
    email = an_email()
    changed = ask(
        people.change_contact,
        contact_id=lead["id"],
        last_name="Lovelace",
        gender=None,
        emails=[email],
        lead_status="contacted",
    )
    assert (changed["display_name"], changed["gender"], changed["version"]) == ("Ada Lovelace", None, 2)
    assert changed == ask(people.get_contact, contact_id=lead["id"])

    told = listener.wait_for("contact.changed", subject=lead["id"])
    assert told.data == {
        "changes": {
            "last_name": {"before": "King", "after": "Lovelace"},
            "gender": {"before": "female", "after": None},
            "emails": {"before": lead["emails"], "after": changed["emails"]},
            "lead_status": {"before": "new", "after": "contacted"},
        },
        "display_name": "Ada Lovelace",
        "version": 2,
    }


def test_changing_nothing_makes_no_version_and_no_event(ask, subscriber):
    lead = a_lead(ask, first_name="Ada", phones=[a_phone()])
    listener = subscriber("contacts.events", "contact.changed")
    same = ask(
        people.change_contact,
        contact_id=lead["id"],
        first_name=" Ada ",
        emails=lead["emails"],
        phones=[{"value": lead["phones"][0]["as_typed"], "label": "mobile"}],
    )
    assert same == lead
    ask(people.change_contact, contact_id=lead["id"], first_name="Eve")
    listener.wait_for("contact.changed", subject=lead["id"])
    assert [event.data["version"] for event in listener.of("contact.changed", subject=lead["id"])] == [2]


@pytest.mark.requirement("G06")
def test_null_takes_a_whole_list_away_as_an_empty_one_does(ask):
    lists = {"phones": [a_phone()], "addresses": [{"city": "Leeds"}]}
    lead = a_lead(ask, first_name="Ada", **lists)
    left = ask(people.change_contact, contact_id=lead["id"], **dict.fromkeys(("emails", *lists)))
    assert (left["emails"], left["phones"], left["addresses"], left["version"]) == ([], [], [], 2)
    nothing = {"first_name": None, "last_name": None, "emails": None}
    for emptied in (nothing, nothing | {"emails": []}):
        with pytest.raises(Invalid) as refusal:
            ask(people.change_contact, contact_id=lead["id"], **emptied)
        assert [fault["pointer"] for fault in refusal.value.errors] == ["/first_name"]


@pytest.mark.requirement("G06")
def test_a_lost_update_is_refused(ask):
    lead = a_lead(ask)
    ask(people.change_contact, contact_id=lead["id"], first_name="First", expected_version=1)
    with pytest.raises(Stale):
        ask(people.change_contact, contact_id=lead["id"], first_name="Second", expected_version=1)


def test_changes_of_one_contact_at_once_queue_up(ask):
    lead = a_lead(ask)
    with ThreadPoolExecutor(8) as crowd:
        list(crowd.map(lambda n: ask(people.change_contact, contact_id=lead["id"], source=f"Fair {n}"), range(8)))
    assert ask(people.get_contact, contact_id=lead["id"])["version"] == 9


@pytest.mark.requirement("C16")
def test_a_contact_cannot_become_the_double_of_another(ask):
    ada, charles = a_lead(ask, first_name="Ada"), a_lead(ask, first_name="Charles")
    with pytest.raises(Conflict) as refusal:
        ask(people.change_contact, contact_id=charles["id"], emails=[{"value": ada["emails"][0]["value"]}])
    assert refusal.value.extra["existing_id"] == ada["id"]
    shared = ask(
        people.change_contact,
        contact_id=charles["id"],
        emails=[{"value": ada["emails"][0]["value"]}],
        not_duplicate_of=[ada["id"]],
    )
    assert shared["emails"][0]["value"] == ada["emails"][0]["value"]
    assert ask(people.change_contact, contact_id=charles["id"], first_name="Charlie")["version"] == 3


@pytest.mark.requirement("C16")
def test_a_new_name_on_a_shared_phone_may_make_a_double(ask):
    phone = a_phone()
    ada = a_lead(ask, first_name="Ada", last_name="King", phones=[phone])
    charles = a_lead(ask, first_name="Charles", last_name="King", phones=[phone])
    with pytest.raises(Conflict) as refusal:
        ask(people.change_contact, contact_id=charles["id"], first_name="Ada")
    assert refusal.value.extra["existing_id"] == ada["id"]


def test_an_address_given_up_is_free_for_another(ask):
    ada = a_lead(ask)
    ask(people.change_contact, contact_id=ada["id"], emails=[])
    assert a_lead(ask, emails=[{"value": ada["emails"][0]["value"]}])["id"] != ada["id"]


@pytest.mark.requirement("C17")
def test_a_lead_may_be_given_to_somebody_else_who_works_here(ask):
    lead, colleague = a_lead(ask), a_colleague(ask)
    changed = ask(people.change_contact, contact_id=lead["id"], assigned_to=colleague["id"])
    assert changed["assigned_to"] == colleague["id"]
    for nobody in (new_id(), None):
        with pytest.raises(Invalid) as refusal:
            ask(people.change_contact, contact_id=lead["id"], assigned_to=nobody)
        assert refusal.value.errors[0]["pointer"] == "/assigned_to"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"first_name": None, "last_name": None, "emails": []}, "/first_name"),
        ({"phones": [{"value": "12"}]}, "/phones/0/value"),
        ({"kind": "company"}, "/kind"),
        ({"lead_status": "lost"}, "/lead_status"),
        ({"lead_status": "converted"}, "/lead_status"),
    ],
    ids=str,
)
def test_a_change_that_makes_no_sense_is_refused_with_its_place(ask, given, pointer):
    lead = a_lead(ask)
    with pytest.raises(Invalid) as refusal:
        ask(people.change_contact, contact_id=lead["id"], **given)
    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


def test_nobody_and_what_is_no_id_are_told_apart(ask):
    for rpc in (people.get_contact, people.change_contact):
        with pytest.raises(NotFound):
            ask(rpc, contact_id=new_id())
        with pytest.raises(Invalid):
            ask(rpc, contact_id="nobody")


@pytest.mark.requirement("C36", "C38")
def test_a_merged_contact_names_its_survivor_and_an_archived_one_is_not_changed(ask, database):
    kept, gone, archived = (a_lead(ask)["id"] for _ in range(3))
    with database("contacts").begin() as connection:
        merge = "UPDATE contacts SET standing = 'merged', merged_into = :kept WHERE id = :gone"
        connection.execute(sa.text(merge), {"kept": kept, "gone": gone})
        connection.execute(sa.text("UPDATE contacts SET standing = 'archived' WHERE id = :id"), {"id": archived})
    for rpc in (people.get_contact, people.change_contact):
        with pytest.raises(Merged) as moved:
            ask(rpc, contact_id=gone)
        assert moved.value.extra["survivor"] == kept
    assert ask(people.get_contact, contact_id=archived)["standing"] == "archived"
    with pytest.raises(Conflict):
        ask(people.change_contact, contact_id=archived, first_name="Ghost")


def test_the_team_member_who_left_may_stay_on_what_is_changed_otherwise(ask):
    colleague = a_colleague(ask)
    lead = a_lead(ask, assigned_to=colleague["id"])
    ask(team.change_team_member, team_member_id=colleague["id"], active=False)
    assert ask(people.change_contact, contact_id=lead["id"], source="Web")["assigned_to"] == colleague["id"]
