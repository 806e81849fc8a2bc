"""Likely duplicates, by the door: looked for before somebody is entered."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import duplicates, people
from contracts.errors import Invalid, NotFound
from tests.builders.people import a_lead, a_person, an_email


@pytest.mark.requirement("C16", "C34")
def test_before_entering_the_likely_are_shown_with_the_evidence(ask, someone):
    ada = a_lead(ask, first_name="Ada", last_name=someone, birthday="1983-11-17")
    typed = {"first_name": "Adda", "last_name": someone, "birthday": "1983-11-17", "emails": [an_email()]}
    [found] = ask(duplicates.find_likely_duplicates, **typed)["items"]
    assert (found["id"], found["exact"], found["standing"]) == (ada["id"], False, "active")
    assert found["score"] > 0.6
    assert {(piece["what"], piece["how"]) for piece in found["evidence"]} == {("name", "similar"), ("birthday", "same")}
    assert found["emails"] == ada["emails"]
    assert ask(duplicates.find_likely_duplicates, **typed, not_duplicate_of=[ada["id"]])["items"] == []
    # Nothing was entered by looking, and entering is as it was.
    made = ask(people.create_contact, **typed, enter_as="customer")
    assert made["version"] == 1


@pytest.mark.requirement("C16")
def test_whom_entering_would_refuse_is_shown_as_exact(ask, someone):
    ada = a_lead(ask, last_name=someone)
    asked = a_person(first_name="Somebody", last_name="Else", emails=[{"value": ada["emails"][0]["value"].upper()}])
    [found] = ask(duplicates.find_likely_duplicates, **asked)["items"]
    assert (found["id"], found["exact"], found["score"]) == (ada["id"], True, 1)


@pytest.mark.requirement("C16", "C34")
def test_of_a_contact_the_likely_are_listed_without_those_told_apart(ask, database, someone):
    born = {"last_name": someone, "birthday": "1971-03-09"}
    ada, twin = a_lead(ask, first_name="Ada", **born), a_lead(ask, first_name="Ada", **born)
    archived = a_lead(ask, first_name="Ada", **born)
    with database("contacts").begin() as connection:  # there is no door for archiving yet
        connection.execute(sa.text("UPDATE contacts SET standing = 'archived' WHERE id = :id"), {"id": archived["id"]})

    def likely(contact):
        found = ask(duplicates.list_likely_duplicates, contact_id=contact["id"])["items"]
        return {one["id"]: one["standing"] for one in found}

    assert likely(ada) == {twin["id"]: "active", archived["id"]: "archived"}
    ask(people.change_contact, contact_id=twin["id"], not_duplicate_of=[ada["id"]])
    assert likely(ada) == {archived["id"]: "archived"}
    assert likely(twin) == {archived["id"]: "archived"}


@pytest.mark.requirement("C16")
def test_a_draft_that_is_none_and_a_contact_that_is_none(ask):
    with pytest.raises(Invalid) as refusal:
        ask(duplicates.find_likely_duplicates, emails=[{"value": "nothing"}])
    assert [error["pointer"] for error in refusal.value.errors] == ["/emails/0/value"]
    with pytest.raises(NotFound):
        ask(duplicates.list_likely_duplicates, contact_id=new_id())
