"""Ids that other systems have for a contact."""

import uuid

import pytest

from contracts.contacts import external_ids, finding, people
from contracts.errors import Conflict, NotFound, Stale


@pytest.fixture
def enter(ask, someone):
    def by_hand(name):
        member = ask(people.create_contact, first_name=name, last_name=someone, enter_as="customer")
        return member["id"]

    return by_hand


@pytest.mark.requirement("C19", "C06", "G06")
def test_an_external_id_is_one_contacts_and_told_once(ask, enter, subscriber, someone):
    listener = subscriber("contacts.events", "external_id.*")
    ada, bob = enter("Ada"), enter("Bob")
    first = ask(external_ids.add_external_id, contact_id=ada, system="MindBody ", value=someone)
    again = ask(external_ids.add_external_id, contact_id=ada, system="mindbody", value=someone)
    assert first == again
    assert first["system"] == "mindbody"
    assert ask(external_ids.get_external_id, contact_id=ada, system="MINDBODY", value=someone) == first
    with pytest.raises(NotFound):
        ask(external_ids.get_external_id, contact_id=bob, system="mindbody", value=someone)
    with pytest.raises(Conflict) as refusal:
        ask(external_ids.add_external_id, contact_id=bob, system="Mindbody", value=someone)
    assert refusal.value.extra["existing_id"] == ada
    card = ask(people.get_contact, contact_id=ada)
    assert (card["external_ids"], card["version"]) == ([{"system": "mindbody", "value": someone}], 2)
    [found] = ask(external_ids.list_external_ids, system="Mindbody", value=someone)["items"]
    assert found["contact_id"] == ada
    assert ask(external_ids.list_external_ids, contact_id=bob)["items"] == []
    rule = {"combinator": "and", "rules": [{"field": "external_id", "operator": "=", "value": someone}]}
    assert [one["id"] for one in ask(finding.search_contacts, filter=rule)["items"]] == [ada]
    this = {"contact_id": ada, "system": "mindbody", "value": someone}
    with pytest.raises(Stale):
        ask(external_ids.remove_external_id, **this, expected_version=1)
    ask(external_ids.remove_external_id, **this, expected_version=2)
    with pytest.raises(NotFound):
        ask(external_ids.remove_external_id, contact_id=ada, system="mindbody", value=someone)
    ask(external_ids.add_external_id, contact_id=bob, system="mindbody", value=someone)
    told = listener.wait_for("external_id.added", subject=bob)
    assert told.data == {"system": "mindbody", "value": someone}
    assert [one.type for one in listener.heard if one.subject == ada] == ["external_id.added", "external_id.removed"]


def test_nobody_has_an_id(ask):
    with pytest.raises(NotFound):
        ask(external_ids.add_external_id, contact_id=str(uuid.uuid4()), system="x", value="1")
