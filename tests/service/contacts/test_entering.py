"""Entering contacts by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import people, team
from contracts.errors import Conflict, Forbidden, Invalid, Problem
from tests.builders.people import a_colleague, a_lead, a_person, a_phone, an_email


def pointers(refusal: pytest.ExceptionInfo[Problem]) -> list[str]:
    return [error["pointer"] for error in refusal.value.errors]


@pytest.mark.requirement("C02", "C03", "C06", "C07", "C08", "C15")
def test_a_lead_is_entered_with_all_that_is_known(ask, subscriber):
    listener = subscriber("contacts.events", "contact.*")
    email, phone = an_email(), a_phone()
    lead = a_lead(
        ask,
        first_name="  Zoë ",
        last_name="O’Connor",
        preferred_name="Zo",
        gender="F",
        birthday="1990-02-01",
        emails=[email],
        phones=[phone],
        addresses=[{"label": "home", "street": " 1 High St ", "city": "London", "country": "gb"}],
        source="Open day",
        location="north",
    )

    assert lead["display_name"] == "Zo O’Connor"
    assert lead["first_name"] == "Zoë"
    assert (lead["gender"], lead["birthday"]) == ("female", "1990-02-01")
    assert lead["emails"] == [{"value": email["value"], "label": "home", "primary": True}]
    typed = phone["value"]
    e164 = "+44" + typed.replace(" ", "")[1:]
    assert lead["phones"] == [{"value": e164, "as_typed": typed, "label": "mobile", "primary": True}]
    assert lead["addresses"][0]["street"] == "1 High St"
    assert lead["addresses"][0]["country"] == "GB"
    assert lead["lifecycle"]["state"] == "lead"
    assert lead["lifecycle"]["reason"] == "lead: no paid package yet"
    assert (lead["lead_status"], lead["standing"], lead["membership_number"]) == ("new", "active", None)
    assert (lead["acquisition"], lead["studio_controlled"], lead["entered_as"]) == ("manual", True, "lead")
    assert lead["version"] == 1
    assert lead == ask(people.get_contact, contact_id=lead["id"])

    told = listener.wait_for("contact.created", subject=lead["id"])
    assert told.data == {
        "kind": "person",
        "display_name": "Zo O’Connor",
        "entered_as": "lead",
        "acquisition": "manual",
        "source": "Open day",
        "location": "north",
        "assigned_to": lead["assigned_to"],
        "version": 1,
    }


@pytest.mark.requirement("C01", "C06")
def test_a_company_is_entered_by_its_name(ask):
    company = ask(
        people.create_contact,
        kind="company",
        name="Analytical Engines",
        industry="Computing",
        size="11-50",
        enter_as="customer",
    )
    assert (company["display_name"], company["industry"]) == ("Analytical Engines", "Computing")
    assert company["size"] == "11-50"


@pytest.mark.requirement("C02", "C03", "C17")
def test_who_is_entered_as_a_customer_comes_with_the_step_to_do_next(ask):
    customer = ask(people.create_contact, **a_person(enter_as="customer"))
    assert customer["next_step"]["kind"] == "draft_order"
    assert customer["next_step"]["contact_id"] == customer["id"]
    assert customer["lifecycle"]["state"] == "lead"
    assert "first paid package" in customer["lifecycle"]["reason"]
    assert customer["membership_number"] is None
    assert "next_step" not in ask(people.get_contact, contact_id=customer["id"])


@pytest.mark.requirement("C17")
def test_a_lead_entered_by_hand_needs_an_assignee(ask):
    with pytest.raises(Invalid) as refusal:
        ask(people.create_contact, **a_person(enter_as="lead"))
    assert pointers(refusal) == ["/assigned_to"]


@pytest.mark.requirement("C17", "G09")
def test_the_assignee_must_work_here_now(ask):
    gone = a_colleague(ask)
    ask(team.change_team_member, team_member_id=gone["id"], active=False)
    for assignee in (gone["id"], new_id()):
        with pytest.raises(Invalid) as refusal:
            a_lead(ask, assigned_to=assignee)
        assert pointers(refusal) == ["/assigned_to"]


@pytest.mark.requirement("C07")
@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"phones": [{"value": "12"}]}, "/phones/0/value"),
        ({"size": "11-50"}, "/size"),
        ({"emails": [{"value": "not an address"}]}, "/emails/0/value"),
        ({"addresses": [{"country": "ZZ"}]}, "/addresses/0/country"),
        ({"first_name": "", "last_name": "", "emails": []}, "/first_name"),
        ({"first_name": "nul\0"}, "/first_name"),
        ({"first_name": "x" * 101}, "/first_name"),
        ({"first_name": None}, "/first_name"),
        ({"first_name": 7}, "/first_name"),
        ({"birthday": "2999-01-01"}, "/birthday"),
        ({"assigned_to": "me"}, "/assigned_to"),
        ({"enter_as": "former_customer"}, "/enter_as"),
        ({"lifecycle": "customer"}, "/lifecycle"),
        ({"membership_number": "1"}, "/membership_number"),
        ({"not_duplicate_of": ["01890000-0000-7000-8000-00000000dead"]}, "/not_duplicate_of/0"),
        ({"emails": [{"value": f"a{n}@example.com"} for n in range(21)]}, "/emails"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_makes_no_sense_is_refused_with_its_place(ask, given, pointer):
    owner = ask(team.get_me)["id"]
    with pytest.raises(Invalid) as refusal:
        ask(people.create_contact, **(a_person(assigned_to=owner) | given))
    assert pointers(refusal) == [pointer]


@pytest.mark.requirement("G05")
def test_who_may_not_write_contacts_enters_nobody(ask):
    with pytest.raises(Forbidden):
        ask(people.create_contact, actor="practitioner", **a_person(enter_as="customer"))


@pytest.mark.requirement("C16")
def test_an_exact_duplicate_is_refused_with_the_record_found(ask):
    phone = a_phone()
    ada = a_lead(ask, first_name="Ada", last_name="Löwe", phones=[phone])
    twins = [
        a_person(emails=[{"value": ada["emails"][0]["value"].swapcase()}]),
        a_person(
            first_name="ADA", last_name="lowe", phones=[a_phone(), {"value": ada["phones"][0]["value"]}], emails=[]
        ),
    ]
    for twin, taken in zip(twins, ("/emails/0/value", "/phones/1/value"), strict=True):
        with pytest.raises(Conflict) as refusal:
            ask(people.create_contact, enter_as="customer", **twin)
        assert refusal.value.extra["existing_id"] == ada["id"]
        assert [error["pointer"] for error in refusal.value.errors] == [taken]


@pytest.mark.requirement("C16")
def test_a_household_may_share_its_phone_under_other_names(ask):
    phone = a_phone()
    a_lead(ask, first_name="Ada", phones=[phone])
    assert a_lead(ask, first_name="Charles", phones=[phone])["phones"][0]["as_typed"] == phone["value"]


@pytest.mark.requirement("C16")
def test_told_that_it_is_not_the_same_the_house_remembers(ask, database):
    ada = a_lead(ask)
    shared = [{"value": ada["emails"][0]["value"]}]
    charles = a_lead(ask, first_name="Charles", emails=shared, not_duplicate_of=[ada["id"]])
    with database("contacts").connect() as connection:
        pair = connection.execute(
            sa.text("SELECT one::text, other::text FROM not_the_same WHERE other = :id"), {"id": charles["id"]}
        ).one()
    assert tuple(pair) == (ada["id"], charles["id"])

    with pytest.raises(Conflict) as refusal:
        a_lead(ask, emails=shared, not_duplicate_of=[ada["id"]])
    assert [found["id"] for found in refusal.value.extra["duplicates"]] == [charles["id"]]


@pytest.mark.requirement("C16")
def test_of_ten_who_enter_the_same_person_at_once_one_succeeds(ask):
    owner, twin = ask(team.get_me)["id"], a_person()

    def enter(_: int) -> str:
        try:
            return ask(people.create_contact, assigned_to=owner, **twin)["id"]
        except Conflict as refusal:
            return refusal.extra["existing_id"]

    with ThreadPoolExecutor(10) as crowd:
        assert len(set(crowd.map(enter, range(10)))) == 1


@pytest.mark.requirement("G06")
def test_one_key_enters_one_contact(ask):
    owner, person = ask(team.get_me)["id"], a_person()
    first = ask(people.create_contact, key="enter once", assigned_to=owner, **person)
    again = ask(people.create_contact, key="enter once", assigned_to=owner, **person)
    assert first == again


@pytest.mark.requirement("G05", "G08")
def test_nobody_but_a_service_says_that_it_asks_for_somebody_else(ask):
    lead, forged = a_lead(ask), {"asked_by": {"id": new_id(), "role": "owner", "name": "Somebody else"}}
    for rpc, told in ((people.create_contact, a_person()), (people.change_contact, {"contact_id": lead["id"]})):
        with pytest.raises(Invalid) as refused:
            ask(rpc, **told, **forged)
        assert pointers(refused) == ["/asked_by"]
