"""Finding contacts by what somebody remembers of them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from chassis.ids import new_id
from contracts.contacts import custom_fields, finding, people
from contracts.errors import Forbidden, Invalid
from tests.builders.people import a_colleague, a_lead, a_phone


def found(ask, **asked) -> list[str]:
    ids: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = ask(finding.list_contacts, **asked, **cursor)
        ids += [contact["id"] for contact in page["items"]]
        if page["next"] is None:
            return ids
        cursor = {"cursor": page["next"]}


@pytest.mark.requirement("C23")
@pytest.mark.parametrize(
    "q",
    ["żółciński", "ZOLCIN", "olcinsk", "obrien", "O'Brien", "anna zolc", "Zolcinski Anna"],
)
def test_any_part_of_a_name_finds_whatever_the_accents(ask, anna, q):
    assert anna["id"] in found(ask, q=q)


@pytest.fixture(scope="module")
def anna(house):
    return a_lead(house.ask, first_name="Anna Maria", last_name="Żółciński-O’Brien", phones=[{"value": "07700 912345"}])


@pytest.mark.requirement("C23")
@pytest.mark.parametrize(
    "q", ["07700912345", "7700 912", "+44 7700 912345", "0044 7700 912345", "+44 (0) 7700 912", "912-345"]
)
def test_phone_digits_find_as_typed_at_home_or_abroad(ask, anna, q):
    assert anna["id"] in found(ask, q=q)


@pytest.mark.requirement("C23")
def test_a_part_of_the_address_finds(ask, anna):
    address = anna["emails"][0]["value"]
    assert found(ask, q=address.partition("@")[0].upper()) == [anna["id"]]
    assert anna["id"] in found(ask, q="@example.com", limit=200)


@pytest.mark.requirement("C23")
@pytest.mark.parametrize("q", ["anna smith", "07700 912346", "%", "_olcinski", "\\", "zolc%ski"])
def test_what_is_not_on_the_card_does_not_find(ask, anna, q):
    """Something much like it may find, and is marked as that."""
    page = ask(finding.list_contacts, q=q)
    assert page["almost"] or anna["id"] not in [item["id"] for item in page["items"]]


@pytest.mark.requirement("C23")
@pytest.mark.parametrize("q", ["zolcinsky", "Żołćnski", "anna zolcinksi", "Zolcynski", "Wilhelmna Przybylskva"])
def test_a_typing_error_finds_when_nothing_else_does(ask, anna, wilhelmina, q):
    page = ask(finding.list_contacts, q=q)
    assert page["almost"]
    assert page["items"][0]["id"] in (anna["id"], wilhelmina["id"])


@pytest.fixture(scope="module")
def wilhelmina(house):
    return a_lead(house.ask, first_name="Wilhelmina", last_name="Przybylska")


@pytest.mark.requirement("C23")
def test_pages_of_what_is_almost_like_it_hold_everybody_once(ask, someone):
    ids = {a_lead(ask, last_name=f"{someone}{ending}")["id"] for ending in ("berg", "bergs", "berger", "borg", "burg")}
    assert sorted(found(ask, q=f"{someone}bexrg", limit=2)) == sorted(ids)


@pytest.mark.requirement("C23")
def test_a_changed_card_is_found_by_what_stands_on_it_now(ask):
    lead = a_lead(ask, first_name="Wilhelmina", last_name="Unikat")
    ask(people.change_contact, contact_id=lead["id"], last_name="Quodlibet", phones=[a_phone()])
    assert found(ask, q="unikat") == []
    assert found(ask, q="quodlib wilh") == [lead["id"]]


@pytest.mark.requirement("C23")
def test_pages_hold_everybody_once_in_either_order(ask):
    assignee = a_colleague(ask)["id"]
    names = ["Ćma", "Adams", "Zed", "adler", "Bär"]
    ids = {name: a_lead(ask, last_name=name, assigned_to=assignee)["id"] for name in names}
    newest = found(ask, assigned_to=assignee, limit=2)
    assert newest == [ids[name] for name in reversed(names)]
    by_name = found(ask, assigned_to=assignee, sort="name", limit=2)
    assert by_name == [ids[name] for name in ("Adams", "adler", "Bär", "Ćma", "Zed")]


@pytest.mark.requirement("C23")
def test_filters_combine(ask):
    assignee = a_colleague(ask)["id"]
    lead = a_lead(ask, last_name="Filterman", assigned_to=assignee)
    assert found(ask, q="filterman", assigned_to=assignee, lifecycle="lead") == [lead["id"]]
    assert found(ask, q="filterman", assigned_to=assignee, lifecycle="customer") == []
    assert found(ask, q="filterman", assigned_to=new_id()) == []


@pytest.mark.requirement("C23", "C39")
def test_the_archived_are_left_out_unless_asked_for(ask, database):
    lead = a_lead(ask, last_name="Vanisher")
    with database("contacts").begin() as connection:
        connection.execute(sa.text("UPDATE contacts SET standing = 'archived' WHERE id = :id"), {"id": lead["id"]})
    assert found(ask, q="vanisher") == []
    assert found(ask, q="vanisher", standing="archived") == [lead["id"]]


@pytest.mark.requirement("G06")
@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"cursor": "garbage"}, "/cursor"),
        ({"limit": 0}, "/limit"),
        ({"limit": 201}, "/limit"),
        ({"sort": "age"}, "/sort"),
        ({"assigned_to": "me"}, "/assigned_to"),
        ({"q": "nul\0"}, "/q"),
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused_with_its_place(ask, given, pointer):
    with pytest.raises(Invalid) as refusal:
        ask(finding.list_contacts, **given)
    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


def test_the_cursor_of_one_order_is_not_taken_for_another(ask):
    a_lead(ask)
    a_lead(ask)
    cursor = ask(finding.list_contacts, limit=1)["next"]
    with pytest.raises(Invalid):
        ask(finding.list_contacts, sort="name", cursor=cursor)


@pytest.mark.requirement("C24", "C11")
def test_a_front_end_is_told_every_field_with_its_operators_and_choices(ask):
    key = ask(custom_fields.create_custom_field, label="Shoe size", type="number", applies_to="person")["key"]
    told = {field["name"]: field for field in ask(finding.list_filter_fields)["items"]}
    assert told["first_name"] | {"operators": []} == {
        "name": "first_name", "label": "First name", "section": told["first_name"]["section"], "type": "text",
        "needs": None, "inputType": "text", "valueEditorType": "text", "operators": [],
    }  # fmt: skip
    assert {"name": "null", "label": "has none", "takes": "nothing", "arity": "unary"} in told["birthday"]["operators"]
    assert "lead" in [value["name"] for value in told["lifecycle"]["values"]]
    assert [field["type"] for name, field in told.items() if key in name] == ["number"]


@pytest.mark.requirement("C24", "P03", "G05")
def test_a_service_is_told_whom_a_filter_finds_as_far_as_who_asks_it_may_see_them_and_not_more_than_it_wants(ask):
    place = f"fair {new_id()}"
    both = {a_lead(ask, source=place)["id"] for _ in range(2)}
    wanted = {"rules": [{"field": "source", "operator": "=", "value": place}]}
    told = ask(finding.match_contacts, actor="service", filter=wanted, limit=2)
    assert (set(told["contact_ids"]), told["more"]) == (both, False)
    told = ask(finding.match_contacts, actor="service", filter=wanted, limit=1)
    assert (len(told["contact_ids"]), told["more"]) == (1, True)
    dispatcher = {"id": new_id(), "role": "dispatcher", "name": "Dora"}
    dues = {"rules": [{"field": "dues", "operator": ">", "value": 0}]}
    for who in ({"actor": "service", "asked_by": dispatcher}, {"actor": "sales"}):
        with pytest.raises(Forbidden):
            ask(finding.match_contacts, filter=dues, limit=1, **who)
