"""The business's own fields, from their definition to a contact's card."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from contracts.contacts import custom_fields, finding, people
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from services.contacts.card.actions.entering import add_contacts
from services.contacts.card.queries.terms import terms_for
from services.contacts.card.rules import Draft, read_card
from services.contacts.fields.actions import change_custom_field, create_custom_field
from tests.builders.people import a_lead, a_person
from tests.builders.works import Clockwork, a_clockwork

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
def define(ask):
    """`define("number")`: a field of that type for the length of the test."""
    defined: list[str] = []

    def build(type: str, label: str | None = None, **given):
        label = label or f"Field {uuid.uuid4().hex[:8]}"
        field = ask(custom_fields.create_custom_field, label=label, type=type, **given)
        defined.append(field["id"])
        return field

    yield build
    for field_id in defined:
        ask(custom_fields.change_custom_field, custom_field_id=field_id, archived=True)


@pytest.mark.requirement("C11", "G10")
def test_a_field_is_used_the_moment_it_is_defined(ask, subscriber, define):
    listener = subscriber("contacts.events", "#")
    level = define("choice", choices=["Beginner", "Advanced"])
    born, count = define("date"), define("number")
    told = listener.wait_for("custom_field.created").data
    assert (told["key"], told["choices"]) == (level["key"], ["Beginner", "Advanced"])
    lead = a_lead(ask, fields={level["key"]: "beginner", born["key"]: "2020-02-29", count["key"]: 2.5})
    assert lead["fields"] == {level["key"]: "Beginner", born["key"]: "2020-02-29", count["key"]: 2.5}

    patch = {level["key"]: "Advanced", born["key"]: None}
    changed = ask(people.change_contact, contact_id=lead["id"], fields=patch)
    assert changed["fields"] == {level["key"]: "Advanced", count["key"]: 2.5}
    assert changed == ask(people.get_contact, contact_id=lead["id"])
    assert listener.wait_for("contact.changed", subject=lead["id"]).data["changes"] == {
        f"fields.{level['key']}": {"before": "Beginner", "after": "Advanced"},
        f"fields.{born['key']}": {"before": "2020-02-29", "after": None},
    }
    again = ask(people.change_contact, contact_id=lead["id"], fields=patch)
    assert again["version"] == changed["version"]
    assert ask(people.change_contact, contact_id=lead["id"], fields=None)["fields"] == {}


@pytest.mark.requirement("C11", "C24")
def test_a_field_of_every_type_is_filtered_by_what_it_holds(ask, define):
    held = {"text": "Abc", "number": 2.5, "date": "2026-05-01", "choice": "Red", "yes_no": True}
    others = {"text": "Abd", "number": 2.25, "date": "2026-05-02", "choice": "Blue", "yes_no": False}
    keys = {type: define(type, **({"choices": ["Red", "Blue"]} if type == "choice" else {}))["key"] for type in held}
    mine = a_lead(ask, fields={keys[type]: value for type, value in held.items()})["id"]
    a_lead(ask, fields={keys[type]: value for type, value in others.items()})
    for type, value in held.items():
        rule = {"field": f"fields.{keys[type]}", "operator": "=", "value": value}
        found = ask(finding.search_contacts, filter={"combinator": "and", "rules": [rule]})["items"]
        assert [contact["id"] for contact in found] == [mine], rule


@pytest.mark.requirement("C11")
def test_every_wrong_value_is_named_and_nothing_is_kept(ask, define):
    born, company_only = define("date"), define("yes_no", applies_to="company")
    wrong = {born["key"]: "soon", company_only["key"]: True, "no_such_field": 1}
    lead = a_lead(ask)
    for rpc, given in (
        (people.create_contact, a_person(enter_as="customer", fields=wrong)),
        (people.change_contact, {"contact_id": lead["id"], "first_name": "Eve", "fields": wrong}),
    ):
        with pytest.raises(Invalid) as refused:
            ask(rpc, **given)
        assert {error["pointer"] for error in refused.value.errors} == {f"/fields/{key}" for key in wrong}
    assert ask(people.get_contact, contact_id=lead["id"]) == lead
    company = ask(people.create_contact, kind="company", name="Acme", enter_as="customer",
                  fields={company_only["key"]: True})  # fmt: skip
    assert company["fields"] == {company_only["key"]: True}


@pytest.mark.requirement("C11")
@pytest.mark.parametrize("fields", [None, [], "x", 5, {"": 1}, {"x" * 51: 1}, {"a\0": 1}])
def test_values_of_any_other_shape_are_refused(ask, fields):
    with pytest.raises(Invalid):
        ask(people.create_contact, **a_person(enter_as="customer", fields=fields))


@pytest.mark.requirement("C11")
def test_a_choice_that_somebody_has_cannot_vanish(ask, define):
    level = define("choice", choices=["Beginner", "Advanced", "Unused"])
    lead = a_lead(ask, fields={level["key"]: "Beginner"})
    with pytest.raises(Conflict) as refused:
        ask(custom_fields.change_custom_field, custom_field_id=level["id"], choices=["Advanced"])
    assert refused.value.extra["in_use"] == {"Beginner": 1}
    changed = ask(custom_fields.change_custom_field, custom_field_id=level["id"], choices=["Beginner", "Master"])
    assert changed["choices"] == ["Beginner", "Master"]
    ask(people.change_contact, contact_id=lead["id"], fields={level["key"]: "Master"})
    only = ask(custom_fields.change_custom_field, custom_field_id=level["id"], choices=["Master"])
    assert (only["choices"], only["version"]) == (["Master"], 3)


@pytest.mark.requirement("C11")
def test_an_archived_field_keeps_its_values_and_takes_no_more(ask, define):
    note = define("text")
    lead = a_lead(ask, fields={note["key"]: "kept"})
    ask(custom_fields.change_custom_field, custom_field_id=note["id"], archived=True)
    with pytest.raises(Invalid):
        a_lead(ask, fields={note["key"]: "new"})
    assert ask(people.get_contact, contact_id=lead["id"])["fields"] == {note["key"]: "kept"}
    assert note["id"] not in [one["id"] for one in ask(custom_fields.list_custom_fields, limit=200)["items"]]
    with pytest.raises(Conflict):
        ask(custom_fields.create_custom_field, label=note["key"], type="number")
    label = define("number", label=note["label"].upper() + " again")
    with pytest.raises(Conflict):
        ask(custom_fields.change_custom_field, custom_field_id=label["id"], label=define("text")["label"].upper())


@pytest.mark.requirement("C11")
@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"label": "", "type": "text"}, "/label"),
        ({"label": "!", "type": "text"}, "/label"),
        ({"label": "A", "type": "money"}, "/type"),
        ({"label": "A", "type": "choice"}, "/choices"),
        ({"label": "A", "type": "text", "choices": ["x"]}, "/choices"),
        ({"label": "A", "type": "choice", "choices": ["x", " X"]}, "/choices"),
        ({"label": "A", "type": "text", "applies_to": "dogs"}, "/applies_to"),
    ],
)
def test_a_field_that_cannot_be_is_refused(ask, given, pointer):
    with pytest.raises(Invalid) as refused:
        ask(custom_fields.create_custom_field, **given)
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


@pytest.mark.requirement("C11", "G06")
def test_a_type_never_changes_and_a_change_needs_the_right(api, ask, define):
    field = define("text")
    path = f"/custom-fields/{field['id']}"
    assert api.patch(path, json={"type": "number"}).status_code == 422
    assert api.patch(path, json={"key": "other"}).status_code == 422
    assert api.patch(path, json={"label": "x"}, headers={"If-Match": '"7"'}).status_code == 412
    assert api.get(path).json() == field
    with pytest.raises(Forbidden):
        ask(custom_fields.change_custom_field, actor="sales", custom_field_id=field["id"], label="x")
    with pytest.raises(NotFound):
        ask(custom_fields.change_custom_field, custom_field_id=str(uuid.uuid4()), label="x")


@pytest.mark.requirement("C11")
def test_a_value_is_found_by_its_index(ask, database, define):
    field = define("choice", choices=["a", "b"])
    a_lead(ask, fields={field["key"]: "a"})
    with database("contacts").connect() as connection:
        connection.execute(sa.text("SET enable_seqscan = off"))
        plan = connection.execute(
            sa.text("EXPLAIN SELECT id FROM contacts WHERE fields @> jsonb_build_object(:key ::text, 'a')"),
            {"key": field["key"]},
        )
        assert "contacts_fields" in "\n".join(plan.scalars())


@pytest.mark.requirement("C11")
def test_a_choice_does_not_vanish_while_somebody_is_choosing_it(servers):
    with a_clockwork(servers, now=NOW) as clockwork, ThreadPoolExecutor(1) as aside:
        with clockwork.work() as work:
            asked = {"label": "Level", "type": "choice", "choices": ["a", "b"]}
            field_id = create_custom_field(work, custom_fields.CreateCustomField().load(asked)).id
        with clockwork.work() as work:
            given = {"first_name": "Ada", "fields": {"level": "a"}}
            add_contacts(work, [Draft(read_card(given, **terms_for(work, [given])))])
            change = aside.submit(_leave_only_b, clockwork, field_id)
            _wait_until_it_waits(clockwork)
        assert change.result(timeout=30) == {"a": 1}


def _leave_only_b(clockwork: Clockwork, field_id: str) -> dict[str, int]:
    asked = custom_fields.ChangeCustomField().load({"custom_field_id": field_id, "choices": ["b"]})
    with clockwork.work() as work, pytest.raises(Conflict) as refused:
        change_custom_field(work, asked)
    return refused.value.extra["in_use"]


def _wait_until_it_waits(clockwork: Clockwork) -> None:
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN "
                      "(SELECT pid FROM pg_stat_activity WHERE datname = current_database())")  # fmt: skip
    until = time.monotonic() + 30
    with clockwork.reading() as work:
        while not work.session.scalar(waiting):
            assert time.monotonic() < until, "nobody waits"
            time.sleep(0.02)
