"""Lists picked by hand."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from contracts.contacts import groups, people
from contracts.errors import Conflict, Invalid, NotFound, Stale
from tests.builders.people import a_lead


@pytest.fixture
def group(ask):
    return ask(groups.create_group, name=f"Marathon {uuid.uuid4().hex[:8]}")


@pytest.mark.requirement("C22")
def test_contacts_join_and_leave_a_group_once_each(ask, subscriber, group):
    listener = subscriber("contacts.events", "group.*")
    one, other = a_lead(ask)["id"], a_lead(ask)["id"]
    wanted = {"group_id": group["id"], "contact_ids": [one, other, one]}
    assert ask(groups.add_members, **wanted) == {"group_id": group["id"], "changed": 2}
    assert ask(groups.add_members, **wanted)["changed"] == 0
    assert [member["contact_id"] for member in _pages(ask, groups.list_members, group_id=group["id"])] == sorted(
        [one, other], reverse=True
    )
    of_contact = ask(groups.list_groups_of_contact, contact_id=one)["items"]
    assert [(found["id"], found["name"]) for found in of_contact] == [(group["id"], group["name"])]

    assert ask(groups.remove_member, group_id=group["id"], contact_id=one)["changed"] == 1
    assert ask(groups.remove_members, **wanted)["changed"] == 1
    left = listener.wait_for("group.left", subject=other)
    assert left.data == {"group_id": group["id"], "name": group["name"]}
    for contact in (one, other):
        told = [event.type for event in listener.heard if event.subject == contact]
        assert told == ["group.joined", "group.left"]


@pytest.mark.requirement("C22")
def test_all_join_or_nobody(ask, group):
    lead, nobody = a_lead(ask)["id"], str(uuid.uuid4())
    with pytest.raises(Invalid) as refused:
        ask(groups.add_members, group_id=group["id"], contact_ids=[lead, nobody])
    assert [error["pointer"] for error in refused.value.errors] == ["/contact_ids/1"]
    assert ask(groups.list_members, group_id=group["id"])["items"] == []
    for wrong in ([], ["x"], [lead] * 1001):
        with pytest.raises(Invalid):
            ask(groups.add_members, group_id=group["id"], contact_ids=wrong)
    with pytest.raises(NotFound):
        ask(groups.add_members, group_id=nobody, contact_ids=[lead])


@pytest.mark.requirement("C22")
def test_two_at_once_put_somebody_in_once(ask, subscriber, group):
    listener = subscriber("contacts.events", "group.*")
    leads = [a_lead(ask)["id"] for _ in range(5)]
    with ThreadPoolExecutor(4) as at_once:
        orders = [leads, leads[::-1]] * 2
        changed = list(at_once.map(lambda ids: _join(ask, group, ids), orders))
    assert sum(changed) == 5
    ask(groups.remove_members, group_id=group["id"], contact_ids=leads)
    listener.wait_for("group.left", subject=leads[0])
    assert len([event for event in listener.of("group.joined") if event.subject in leads]) == 5


@pytest.mark.requirement("C22")
def test_a_deleted_group_is_gone_at_once_and_its_members_are_told_to_have_left(ask, subscriber, database, group):
    listener = subscriber("contacts.events", "group.*")
    lead = a_lead(ask)["id"]
    _join(ask, group, [lead])
    with pytest.raises(Stale):
        ask(groups.delete_group, group_id=group["id"], expected_version=7)
    ask(groups.delete_group, group_id=group["id"])
    for rpc in (groups.get_group, groups.list_members, groups.delete_group):
        with pytest.raises(NotFound):
            ask(rpc, group_id=group["id"])
    assert ask(groups.list_groups_of_contact, contact_id=lead)["items"] == []
    assert ask(groups.create_group, name=group["name"])["id"] != group["id"]
    listener.wait_for("group.left", subject=lead)
    with database("contacts").connect() as connection:
        members = sa.text("SELECT count(*) FROM group_members WHERE group_id = :id")
        assert connection.scalar(members, {"id": group["id"]}) == 0


@pytest.mark.requirement("C22", "G06")
def test_a_group_has_a_name_of_its_own(ask, api, group):
    other = ask(groups.create_group, name=f"Other {uuid.uuid4().hex[:8]}", description="Two\nlines")
    with pytest.raises(Conflict):
        ask(groups.create_group, name=f"  {group['name'].upper()}")
    path = f"/groups/{other['id']}"
    assert api.patch(path, json={"name": group["name"]}).status_code == 409
    assert api.patch(path, json={"name": None}).status_code == 422
    assert api.patch(path, json={"name": other["name"]}).json() == other
    renamed = api.patch(path, json={"name": other["name"].upper()}, headers={"If-Match": '"1"'})
    assert (renamed.status_code, renamed.headers["ETag"]) == (200, '"2"')
    assert api.patch(path, json={"name": "x"}, headers={"If-Match": '"1"'}).status_code == 412
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


@pytest.mark.requirement("C22")
def test_members_and_groups_come_in_pages(ask, group):
    leads = [a_lead(ask)["id"] for _ in range(5)]
    for lead in leads:
        _join(ask, group, [lead])
    assert [member["contact_id"] for member in _pages(ask, groups.list_members, group_id=group["id"])] == leads[::-1]
    names = [found["name"] for found in _pages(ask, groups.list_groups)]
    assert group["name"] in names
    assert names == sorted(names, key=str.casefold)


def _join(ask, group, contact_ids) -> int:
    return ask(groups.add_members, group_id=group["id"], contact_ids=contact_ids)["changed"]


def _pages(ask, rpc, **request):
    items, cursor = [], None
    while True:
        page = ask(rpc, limit=2, **request, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next"]
        if cursor is None:
            return items


@pytest.mark.requirement("C22")
def test_groups_are_found_by_name_and_members_by_what_they_are(ask, group):
    lead, word = a_lead(ask)["id"], group["name"].split()[1]
    firm = ask(people.create_contact, kind="company", enter_as="customer", name=f"Firm {word}")["id"]
    _join(ask, group, [lead, firm])
    assert [found["id"] for found in ask(groups.list_groups, q=word.upper())["items"]] == [group["id"]]
    assert ask(groups.list_groups, q=f"{word}%")["items"] == []
    for asked, expected in (
        ({"kind": "company"}, [firm]),
        ({"lifecycle": "customer"}, []),
        ({"kind": "person"}, [lead]),
    ):
        found = ask(groups.list_members, group_id=group["id"], **asked)["items"]
        assert [member["contact_id"] for member in found] == expected
    assert ask(groups.list_groups_of_contact, contact_id=firm, q="no such")["items"] == []
