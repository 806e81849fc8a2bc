"""One thing done to many contacts."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa

from contracts.billing import orders, packages
from contracts.contacts import bookings, bulk, consent, custom_fields, facts, finding, groups, people, tags
from contracts.contacts.bulk import message_asked
from contracts.contacts.tags import contact_tagged
from contracts.errors import Conflict, Forbidden, Invalid, NotFound
from contracts.jobs import get_job
from contracts.notifications import templates
from tests.builders.people import a_colleague, a_lead, a_person
from tests.builders.sessions import a_session, guests


@pytest.fixture
def done(ask):
    """`done("add_tags", ids, tags=["vip"])`: the job when it has ended, and the results by contact."""

    def run(action, selection, **parameters):
        selection = {"ids": selection} if isinstance(selection, list) else selection
        bulk_id = ask(bulk.start_bulk, action=action, selection=selection, parameters=parameters)["id"]
        job = ended(ask, bulk_id)
        return job, results(ask, bulk_id)

    return run


def ended(ask, job_id, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = ask(get_job["contacts"], job_id=job_id)
        if job["state"] not in ("queued", "running"):
            return job
        time.sleep(0.02)
    raise AssertionError(f"The job is still {job}.")


def results(ask, bulk_id, **asked):
    return {one["contact_id"]: one for one in ask(bulk.list_bulk_results, bulk_id=bulk_id, limit=200, **asked)["items"]}


def rules(field, operator, value):
    return {"rules": [{"field": field, "operator": operator, "value": value}]}


STATUS = {"action": "set_lead_status", "parameters": {"lead_status": "contacted"}}


@pytest.fixture
def crowd(ask):
    """Three leads."""
    return sorted(a_lead(ask)["id"] for _ in range(3))


@pytest.mark.requirement("C27")
def test_tags_are_put_on_all_who_match_and_each_has_a_result_and_an_event(ask, done, crowd, someone, subscriber):
    listener = subscriber("contacts.events", contact_tagged.type)
    first, second, third = crowd
    for one in (first, second):
        ask(tags.add_tag, contact_id=one, tag=someone)
    ask(tags.add_tag, contact_id=second, tag=f"{someone} too")
    everybody = {"filter": rules("tags", "in", [someone])}
    job, found = done("add_tags", everybody, tags=[f"{someone} too"])
    assert (job["state"], job["progress"]) == ("done", {"total": 2, "done": 2, "changed": 1, "unchanged": 1})
    assert {id: one["outcome"] for id, one in found.items()} == {first: "changed", second: "unchanged"}
    listener.wait_for(contact_tagged.type, subject=first, count=2)
    listener.listen(0.3)
    assert len([one for one in listener.heard if one.data["tag"] == f"{someone} too"]) == 2
    _, found = done("remove_tags", crowd, tags=[f"{someone} too"])
    assert {id: one["outcome"] for id, one in found.items()} == {
        first: "changed", second: "changed", third: "unchanged",
    }  # fmt: skip


@pytest.mark.requirement("C27")
def test_what_cannot_be_done_to_one_does_not_hold_up_the_others(ask, done, crowd, database):
    first, second, third = crowd
    nobody = "00000000-0000-7000-8000-00000000dead"
    with database("contacts").begin() as connection:
        connection.execute(sa.text("UPDATE contacts SET standing = 'archived' WHERE id = :id"), {"id": third})
    member = a_colleague(ask)["id"]
    job, found = done("assign", [*crowd, nobody], assigned_to=member)
    assert job["progress"] == {"total": 4, "done": 4, "changed": 2, "refused": 2}
    assert "archived" in found[third]["detail"]
    assert found[nobody]["detail"] == "There is no contact of this id."
    assert [ask(people.get_contact, contact_id=one)["assigned_to"] for one in (first, second)] == [member, member]
    _, found = done("assign", [first], assigned_to=None)
    assert "needs a team member" in found[first]["detail"]
    with database("contacts").begin() as connection:
        connection.execute(sa.text("UPDATE contacts SET standing = 'active' WHERE id = :id"), {"id": third})


@pytest.mark.requirement("C27")
def test_contacts_are_archived_and_restored_but_none_that_owes_something(ask, done, crowd, eventually):
    first, second, third = crowd
    price = {"amount": 4900, "currency": "EUR"}
    bag = ask(packages.create_package, name="Bag", kind="product", price=price)["id"]
    ask(orders.place_order, contact_id=third, items=[{"package_id": bag}])
    eventually(lambda: ask(facts.get_facts, contact_id=third)["dues"], lambda dues: dues == 4900)
    _, found = done("archive", crowd, reason="moved away")
    assert [found[one]["outcome"] for one in crowd] == ["changed", "changed", "refused"]
    assert found[third]["detail"] == "There are unsettled dues."
    _, found = done("archive", crowd)
    assert [found[one]["outcome"] for one in crowd] == ["unchanged", "unchanged", "refused"]
    gone = {"everybody": True, "standing": "archived"}
    _, found = done("restore", gone)
    assert {found[first]["outcome"], found[second]["outcome"]} == {"changed"}
    assert ask(people.get_contact, contact_id=first)["standing"] == "active"
    _, found = done("restore", crowd)
    assert {one["outcome"] for one in found.values()} == {"unchanged"}


@pytest.mark.requirement("C27", "C38")
def test_who_has_just_booked_is_not_archived_though_facts_do_not_know_yet(ask, done, crowd, database, eventually):
    first, second, _ = crowd
    ask(bookings.book, session_id=a_session(ask)["id"], contact_id=first)
    eventually(lambda: ask(facts.get_facts, contact_id=first)["last_booking_at"], bool)
    with database("contacts").begin() as connection:
        connection.execute(sa.text("UPDATE facts SET last_booking_at = NULL WHERE contact_id = :id"), {"id": first})
    _, found = done("archive", [first, second])
    assert (found[first]["outcome"], found[second]["outcome"]) == ("refused", "changed")
    assert found[first]["detail"] == "There is an upcoming booking."


@pytest.mark.requirement("C27", "C22")
def test_groups_are_joined_and_left(ask, done, crowd, someone):
    group = ask(groups.create_group, name=someone)["id"]
    ask(groups.add_members, group_id=group, contact_ids=crowd[:1])
    job, _ = done("add_to_group", crowd, group_id=group)
    assert (job["progress"]["changed"], job["progress"]["unchanged"]) == (2, 1)
    job, _ = done("remove_from_group", crowd[1:], group_id=group)
    assert job["progress"]["changed"] == 2
    assert [one["contact_id"] for one in ask(groups.list_members, group_id=group)["items"]] == crowd[:1]


@pytest.mark.requirement("C27")
def test_status_and_fields_are_set(ask, done, crowd, someone):
    field = ask(custom_fields.create_custom_field, label=someone, type="number")["key"]
    done("set_lead_status", crowd, lead_status="contacted")
    done("set_field", crowd, field="source", value="Fair")
    done("set_field", crowd, field=f"fields.{field}", value=7)
    card = ask(people.get_contact, contact_id=crowd[0])
    assert (card["lead_status"], card["source"], card["fields"]) == ("contacted", "Fair", {field: 7})
    _, found = done("set_field", crowd[:1], field=f"fields.{field}", value="many")
    assert (found[crowd[0]]["outcome"], found[crowd[0]]["detail"]) == ("refused", "A number is needed.")


@pytest.mark.requirement("C27")
def test_each_is_sent_one_message(ask, done, crowd, mailbox, eventually):
    speechless = ask(people.create_contact, **a_person(emails=[], enter_as="customer"))["id"]
    template = ask(
        templates.create_message_template, name=crowd[0], subject="Hello {{ contact.first_name }}",
        body_text="We moved.", purpose="transactional",
    )["id"]  # fmt: skip
    bulk_id = ask(
        bulk.start_bulk, action="send_message", selection={"ids": [*crowd, speechless]},
        parameters={"template_id": template},
    )["id"]  # fmt: skip
    job = ended(ask, bulk_id)
    assert job["progress"] == {"total": 4, "done": 4, "asked": 3, "refused": 1}
    assert results(ask, bulk_id)[speechless]["detail"] == "There is no e-mail address."
    eventually(lambda: len(results(ask, bulk_id, outcome="queued")), lambda count: count == 3)
    for one in crowd:
        card = ask(people.get_contact, contact_id=one)
        letter = mailbox.wait_for(card["emails"][0]["value"])
        assert letter["Subject"] == f"Hello {card['first_name']}"
    bulk_action = ask(bulk.get_bulk, bulk_id=bulk_id)
    assert (bulk_action["state"], bulk_action["progress"]) == ("done", {"total": 4, "done": 4})
    assert bulk_action["counts"] == {"changed": 0, "unchanged": 0, "refused": 1, "asked": 0, "queued": 3}
    with pytest.raises(Invalid) as refused:
        done("send_message", crowd[:1], template_id="00000000-0000-7000-8000-00000000dead")
    assert refused.value.errors[0]["pointer"] == "/parameters/template_id"


@pytest.mark.requirement("C27", "C09")
def test_only_who_agreed_is_sent_something_and_each_other_is_told_why_not(ask, done, crowd, subscriber):
    listener = subscriber("contacts.events", message_asked.type)
    agreed, refused, silent = crowd
    for one, wish in ((agreed, True), (refused, False)):
        said = {"how": "by phone", "when": "2026-03-01"}
        ask(consent.change_preferences, contact_id=one, channels={"email": {"marketing": wish}}, consent=said)
    words = {"subject": "Half price", "body_text": "This week."}
    advert = ask(templates.create_message_template, name=silent, purpose="marketing", **words)["id"]
    _, found = done("send_message", crowd, template_id=advert)
    assert found[agreed]["outcome"] in ("asked", "queued")
    assert {one: (found[one]["outcome"], found[one]["detail"]) for one in (refused, silent)} == {
        refused: ("refused", "The contact refused messages for marketing by email on 2026-03-01 (by phone)."),
        silent: ("refused", "The contact never agreed to messages for marketing by email, which needs consent."),
    }
    listener.wait_for(message_asked.type, subject=agreed)
    assert {one.subject for one in listener.heard} & {*crowd} == {agreed}


@pytest.mark.requirement("C27", "C38")
def test_who_is_archived_waits_for_no_place_any_more(ask, done, eventually):
    session = a_session(ask, places=2)["id"]
    here, alone, *party = guests(ask, 4)
    ask(bookings.book, session_id=session, contact_id=here)
    ask(bookings.book_group, session_id=session, contact_ids=party)
    ask(bookings.book, session_id=session, contact_id=alone)
    _, found = done("archive", [party[0]])
    assert found[party[0]]["outcome"] == "changed"
    roster = eventually(
        lambda: {one["contact_id"]: one for one in ask(bookings.list_roster, session_id=session)["items"]},
        lambda roster: roster[party[0]]["state"] == "cancelled",
    )
    assert roster[party[0]]["cancel_cause"] == "archived"
    assert {one: roster[one]["state"] for one in (here, party[1], alone)} == {
        here: "upcoming", party[1]: "upcoming", alone: "waitlisted",
    }  # fmt: skip


@pytest.mark.requirement("C21", "C27")
@pytest.mark.parametrize(
    ("asked", "refusal", "pointer"),
    [
        ({"action": "add_tags", "parameters": {"tags": ["VIP", "Trial "]}}, Conflict, "/parameters/tags/1"),
        ({"action": "remove_tags", "parameters": {"tags": ["VIP", "Lapsed "]}}, Conflict, "/parameters/tags/1"),
        ({"action": "add_tags", "parameters": {}}, Invalid, "/parameters/tags"),
        ({"action": "add_tags", "parameters": {"tags": ["a"], "colour": 1}}, Invalid, "/parameters/colour"),
        ({"action": "set_field", "parameters": {"field": "fields.none", "value": 1}}, Invalid, "/parameters/field"),
        ({"action": "set_field", "parameters": {"field": "lifecycle", "value": 1}}, Invalid, "/parameters/field"),
        ({"action": "forget", "parameters": {}}, Invalid, "/action"),
        (STATUS | {"selection": {}}, Invalid, "/selection/everybody"),
        (STATUS | {"selection": {"filter": {"rules": []}}}, Invalid, "/selection/filter"),
        (STATUS | {"selection": {"q": "\u0301"}}, Invalid, "/selection/q"),
        (STATUS | {"selection": {"everybody": True, "q": "Ada"}}, Invalid, "/selection/everybody"),
        (
            STATUS | {"selection": {"filter": rules("weather", "=", "fine")}},
            Invalid,
            "/selection/filter/rules/0/field",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(ask, crowd, asked, refusal, pointer):
    with pytest.raises(refusal) as refused:
        ask(bulk.start_bulk, **{"selection": {"ids": crowd}, **asked})
    assert [error["pointer"] for error in refused.value.errors] == [pointer]


@pytest.mark.requirement("C27")
def test_who_may_not_send_may_not_send_to_many(ask, crowd):
    asked = {"action": "send_message", "selection": {"ids": crowd}, "parameters": {"template_id": crowd[0]}}
    with pytest.raises(Forbidden):
        ask(bulk.start_bulk, actor="dispatcher", **asked)
    with pytest.raises(NotFound):
        ask(bulk.get_bulk, bulk_id=crowd[0])


def people_of(house, count):
    """So many contacts, as an import would have left them."""
    statement = """
        INSERT INTO contacts (id, kind, standing, version, display_name, first_name, sort_name, search, entered_as,
            acquisition, lifecycle, lifecycle_reason, lifecycle_since, created_at, changed_at)
        SELECT lpad(to_hex(n), 32, '0')::uuid, 'person', 'active', 1, 'Ada ' || n, 'Ada', 'ada ' || n, ' ada ' || n,
            'lead', 'import', 'lead', 'x', now(), now(), now() FROM generate_series(1, :count) AS n
    """
    with house.database("contacts").begin() as connection:
        connection.execute(sa.text(statement), {"count": count})


@pytest.mark.requirement("C27")
def test_a_killed_bulk_action_comes_to_everybody_once_and_a_cancelled_one_stops(a_house):
    house = a_house(services=["contacts"], roles={"contacts": ["rpc", "jobs"]})
    people_of(house, 12_000)
    everybody = {"everybody": True}
    asked = {"action": "add_tags", "selection": everybody, "parameters": {"tags": ["here"]}}
    bulk_id = house.ask(bulk.start_bulk, **asked)["id"]
    while house.ask(get_job["contacts"], job_id=bulk_id)["progress"].get("done", 0) == 0:
        time.sleep(0.005)
    house.process("contacts-jobs").kill()
    house.start_again("contacts-jobs")
    job = ended(house.ask, bulk_id)
    assert (job["state"], job["progress"]["changed"]) == ("done", 12_000)
    with house.database("contacts").connect() as connection:
        told = sa.text("SELECT count(*), count(DISTINCT subject) FROM events WHERE type = 'contact.tagged'")
        assert tuple(connection.execute(told).one()) == (12_000, 12_000)

    other = house.ask(bulk.start_bulk, selection=everybody, **STATUS)["id"]
    while house.ask(get_job["contacts"], job_id=other)["progress"].get("done", 0) < 1000:
        time.sleep(0.005)
    with pytest.raises(Forbidden):
        house.ask(bulk.cancel_bulk, bulk_id=other, actor="sales")
    stopped = house.ask(bulk.cancel_bulk, bulk_id=other)
    assert (stopped["state"], stopped["progress"]["total"]) == ("cancelled", 12_000)
    assert stopped["progress"]["done"] == sum(stopped["counts"].values()) < 12_000
    job = ended(house.ask, other)
    assert job["state"] == "cancelled"
    with house.database("contacts").connect() as connection:
        asked = sa.text("SELECT count(*) FROM bulk_results WHERE bulk_id = :id")
        assert connection.scalar(asked, {"id": other}) == job["progress"]["done"]
    assert len(house.ask(finding.list_contacts, filter=rules("tags", "in", ["here"]), limit=3)["items"]) == 3


@pytest.mark.requirement("C27")
def test_a_bulk_action_that_nobody_works_on_can_be_stopped_and_does_nothing(a_house):
    house = a_house(services=["contacts"], roles={"contacts": ["rpc"]})
    people_of(house, 3)
    asked = {"action": "add_tags", "selection": {"everybody": True}, "parameters": {"tags": ["here"]}}
    bulk_id = house.ask(bulk.start_bulk, **asked)["id"]
    waiting = house.ask(bulk.get_bulk, bulk_id=bulk_id)
    assert (waiting["state"], waiting["progress"]) == ("queued", {"total": None, "done": 0})
    for _ in range(2):
        assert house.ask(bulk.cancel_bulk, bulk_id=bulk_id)["state"] == "cancelled"
    [listed] = house.ask(bulk.list_bulk)["items"]
    assert (listed["id"], listed["state"]) == (bulk_id, "cancelled")
