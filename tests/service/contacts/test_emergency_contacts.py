"""Emergency contacts, by the door: by whom, with what consent, and who becomes a contact."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.actor import Actor
from chassis.ids import new_id
from contracts.contacts import consent, emergency, people
from contracts.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from tests.builders.people import a_lead, a_person, a_phone, an_email

AGREED = {"consent": {"how": "at the desk", "when": "2026-05-01"}}


@pytest.fixture
def ada(ask):
    return a_lead(ask)


def member(contact: dict) -> Actor:
    return Actor(contact["id"], "member", "Ada herself")


@pytest.mark.requirement("C09", "C10")
def test_sales_writes_down_whom_to_call_with_consent(ask, subscriber, ada):
    listener, phone = subscriber("contacts.events", "emergency_contact.*"), a_phone()
    given = {"contact_id": ada["id"], "name": "Anne Byron", "relationship": "mother", "phones": [phone]}
    with pytest.raises(Invalid) as refusal:
        ask(emergency.add_emergency_contact, actor="sales", **given)
    assert [error["pointer"] for error in refusal.value.errors] == ["/consent"]
    made = ask(emergency.add_emergency_contact, actor="sales", **given, **AGREED)
    assert (made["name"], made["relationship"], made["person"]) == ("Anne Byron", "mother", None)
    assert made["phones"][0]["as_typed"] == phone["value"]
    assert made["phones"][0]["value"].startswith("+44")
    assert listener.wait_for("emergency_contact.added", subject=ada["id"]).data["name"] == "Anne Byron"
    [line] = ask(consent.list_consents, contact_id=ada["id"], about="emergency_contacts")["items"]
    assert (line["how"], line["said_at"], line["granted"]) == ("at the desk", "2026-05-01T00:00:00Z", True)

    one = {"emergency_contact_id": made["id"]}
    with pytest.raises(Invalid):
        ask(emergency.change_emergency_contact, **one, relationship="mum")
    changed = ask(emergency.change_emergency_contact, **one, relationship="mum", **AGREED, expected_version=1)
    assert (changed["relationship"], changed["version"]) == ("mum", 2)
    assert ask(emergency.change_emergency_contact, **one, relationship="mum")["version"] == 2
    with pytest.raises(Stale):
        ask(emergency.change_emergency_contact, **one, name="Annabella", **AGREED, expected_version=1)
    assert ask(emergency.list_emergency_contacts, contact_id=ada["id"])["items"] == [changed]
    with pytest.raises(Conflict):
        ask(emergency.add_emergency_contact, **{**given, "name": "ANNE BYRON"}, **AGREED)

    with pytest.raises(Invalid) as unsaid:
        ask(emergency.remove_emergency_contact, **one)
    assert [error["pointer"] for error in unsaid.value.errors] == ["/how", "/when"]
    with pytest.raises(Invalid) as tomorrow:
        ask(emergency.remove_emergency_contact, **one, how="by phone", when="2999-01-01")
    assert [error["pointer"] for error in tomorrow.value.errors] == ["/when"]
    ask(emergency.remove_emergency_contact, **one, **AGREED["consent"])
    assert len(ask(consent.list_consents, contact_id=ada["id"], about="emergency_contacts")["items"]) == 3
    with pytest.raises(NotFound):
        ask(emergency.get_emergency_contact, **one)


@pytest.mark.requirement("C10")
def test_members_do_it_for_themselves_and_others_only_look(ask, ada):
    own = {"contact_id": ada["id"], "name": "Anne", "phones": [a_phone()]}
    made = ask(emergency.add_emergency_contact, actor=member(ada), **own)
    stranger, one = member(a_lead(ask)), {"emergency_contact_id": made["id"]}
    for rpc, asked in [
        (emergency.add_emergency_contact, own),
        (emergency.list_emergency_contacts, {"contact_id": ada["id"]}),
        (emergency.get_emergency_contact, one),
        (emergency.change_emergency_contact, {**one, "name": "X"}),
        (emergency.remove_emergency_contact, one),
    ]:
        with pytest.raises(NotFound):
            ask(rpc, actor=stranger, **asked)
    for role in ("staff", "practitioner", "dispatcher"):
        assert ask(emergency.get_emergency_contact, actor=role, **one)["name"] == "Anne"
        with pytest.raises(Forbidden):
            ask(emergency.add_emergency_contact, actor=role, **own, **AGREED)
    ask(emergency.remove_emergency_contact, actor=member(ada), **one)


@pytest.mark.requirement("C10", "C15", "C18")
def test_whom_to_call_can_become_a_contact_or_be_one(ask, ada):
    phone = a_phone()
    given = {"contact_id": ada["id"], "name": "Byron, Anne Isabella", "phones": [phone], "create_contact": True}
    made = ask(emergency.add_emergency_contact, **given, **AGREED)
    anne = ask(people.get_contact, contact_id=made["person"]["id"])
    assert (anne["first_name"], anne["last_name"]) == ("Anne Isabella", "Byron")
    assert (anne["acquisition"], anne["studio_controlled"]) == ("emergency_contact", False)

    ben = a_lead(ask)
    with pytest.raises(Conflict) as refusal:
        ask(emergency.add_emergency_contact, **{**given, "contact_id": ben["id"]}, **AGREED)
    assert refusal.value.extra["existing_id"] == anne["id"]
    linked = ask(emergency.add_emergency_contact, contact_id=ben["id"], person_id=anne["id"], **AGREED)
    assert (linked["name"], linked["phones"][0]["as_typed"]) == ("Anne Isabella Byron", phone["value"])
    # A member is not told that she is known, and nobody is entered twice.
    cleo = a_lead(ask)
    silent = ask(emergency.add_emergency_contact, actor=member(cleo), **{**given, "contact_id": cleo["id"]})
    assert silent["person"] is None
    with pytest.raises(Forbidden):
        ask(emergency.add_emergency_contact, actor=member(cleo), contact_id=cleo["id"], person_id=anne["id"])


@pytest.mark.requirement("C10")
def test_two_who_name_each_other_at_once_do_not_wait_crosswise(ask):
    pair = [a_lead(ask, phones=[a_phone()])["id"] for _ in range(2)]

    def name(n: int) -> bool:
        one, other = pair if n % 2 else reversed(pair)
        try:
            ask(emergency.add_emergency_contact, contact_id=one, person_id=other, **AGREED)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(name, range(16))) == 2
    assert [len(ask(emergency.list_emergency_contacts, contact_id=one)["items"]) for one in pair] == [1, 1]


@pytest.mark.requirement("C10")
def test_who_is_taken_off_the_list_by_several_at_once_is_taken_off_once(ask, ada):
    made = ask(emergency.add_emergency_contact, contact_id=ada["id"], name="Anne", phones=[a_phone()], **AGREED)

    def take_off(_: int) -> bool:
        try:
            ask(emergency.remove_emergency_contact, emergency_contact_id=made["id"], **AGREED["consent"])
        except NotFound:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take_off, range(8))) == 1
    assert len(ask(consent.list_consents, contact_id=ada["id"], about="emergency_contacts")["items"]) == 2


@pytest.mark.requirement("C10", "C18")
def test_whom_to_call_is_said_when_a_contact_is_entered(ask):
    callable = [
        {"name": "Anne Byron", "phones": [a_phone()], "create_contact": True},
        {"name": "Ben", "relationship": "friend", "phones": [a_phone()]},
    ]
    ada = a_lead(ask, emergency_contacts=callable, **AGREED)
    anne, ben = ask(emergency.list_emergency_contacts, contact_id=ada["id"])["items"]
    assert (anne["name"], anne["person"]["display_name"], ben["relationship"]) == ("Anne Byron", "Anne Byron", "friend")
    assert len(ask(consent.list_consents, contact_id=ada["id"])["items"]) == 2

    email = an_email()
    for given, pointer in [
        ({"emergency_contacts": callable[1:]}, "/consent"),
        ({"emergency_contacts": callable, **AGREED}, "/emergency_contacts/0/phones/0/value"),  # Anne is known
        ({"emergency_contacts": [{"name": "X", "phones": [{"value": "12"}]}], **AGREED},
         "/emergency_contacts/0/phones/0/value"),
    ]:  # fmt: skip
        with pytest.raises(Problem) as refusal:
            a_lead(ask, emails=[email], **given)
        assert [error["pointer"] for error in refusal.value.errors] == [pointer]
    with pytest.raises(Forbidden):
        ask(people.create_contact, actor="staff", **a_person(emails=[email], enter_as="customer"),
            emergency_contacts=callable[1:], **AGREED)  # fmt: skip
    a_lead(ask, emails=[email])  # whoever was refused was not entered


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"name": "Anne", "phones": [{"value": "12"}]}, "/phones/0/value"),
        ({"phones": []}, "/phones"),
        ({"name": None}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "Anne"}, "/phones"),
        ({"person_id": new_id()}, "/person_id"),
        ({"name": "x" * 201}, "/name"),
    ],
)
def test_whom_nobody_can_call_is_refused(ask, ada, given, pointer):
    with pytest.raises(Problem) as refusal:
        ask(emergency.add_emergency_contact, contact_id=ada["id"], **given, **AGREED)
    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


@pytest.mark.requirement("C10")
def test_nobody_is_called_in_their_own_emergency(ask, ada):
    with pytest.raises(Invalid) as refusal:
        ask(emergency.add_emergency_contact, contact_id=ada["id"], person_id=ada["id"], **AGREED)
    assert [error["pointer"] for error in refusal.value.errors] == ["/person_id"]
