"""Every list of contacts, page by page, in each of the orders that it offers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import fields

from contracts.contacts import (
    api_keys,
    bookings,
    bulk,
    companies,
    custom_fields,
    emergency,
    exporting,
    external_ids,
    groups,
    importing,
    locations,
    notes,
    people,
    referrals,
    relations,
    segments,
    sessions,
    tags,
    timeline,
)
from services.contacts.service import Contacts
from tests.builders.explaining import Explain, explaining, lists_of, orders_of
from tests.builders.people import a_colleague
from tests.builders.sessions import a_guest, a_session, soon
from tests.builders.waiting import eventually
from tests.builders.works import Clockwork
from tests.service.contacts.business_of_segments import rule
from tests.service.contacts.importing_files import ended, stored, table

LISTS = [
    rpc
    for rpc in lists_of("contacts")
    if orders_of(rpc)
    and rpc.name not in ("list_contacts", "search_contacts")  # these have tests of their own, as have the histories
    and not rpc.name.endswith("_history")
]
ORDERS = [(rpc, order) for rpc in LISTS for order in orders_of(rpc)]
TURNED = {"newest": "oldest", "oldest": "newest"}
EMPTY = {
    "list_referrals", "list_credits", "list_courses", "list_credit_entries", "list_import_mappings", "list_consents",
}  # fmt: skip
"""What nobody can enter by hand two of."""
NARROWED = {
    "get_timeline": {"type": "note.added"},
    "list_segments_of_contact": {"built_in": False},
    "list_locations": {"archived": True},
    "list_custom_fields": {"archived": True},
}
"""Of what comes in its own time, that which was waited for; and what other tests do not stumble upon."""

SHORT = {
    "list_api_keys", "list_custom_fields", "list_groups", "list_import_mappings", "list_locations", "list_segments",
    "list_tags", "list_team", "list_companies_of_person", "list_groups_of_contact", "list_segments_of_contact",
}  # fmt: skip
"""What is made by hand in the settings, or is one person's own: some dozens, which are read whole and sorted."""
BY_NAMES_OF_OTHERS = {("list_people_of_company", "name"), ("list_people_of_company", "-name")}
"""The names stand in another table than the places; who works in one company is sorted for each page."""
DEEP = [(rpc, order) for rpc, order in ORDERS if rpc.name not in SHORT and (rpc.name, order) not in BY_NAMES_OF_OTHERS]


@pytest.fixture(scope="module")
def furnished(house) -> dict[str, Any]:
    """By name, the ids of things that have two of everything."""
    ask = house.ask
    word = uuid.uuid4().hex[:8]
    contact, other = a_guest(ask), a_guest(ask)
    a_colleague(ask)
    firms = [
        ask(people.create_contact, kind="company", enter_as="customer", name=f"{word} {n}")["id"] for n in range(2)
    ]
    note, *_ = [ask(notes.add_note, contact_id=contact, text=f"{n}", pinned=n == 1) for n in range(3)]
    for text in ("once more", "and again"):
        ask(notes.edit_note, note_id=note["id"], text=text)
    meetings = [a_session(ask, starts={"days": day}) for day in (3, 4)]
    several = [ask(groups.create_group, name=f"{word} {n}")["id"] for n in range(2)]
    for n in range(2):
        ask(tags.add_tag, contact_id=contact, tag=f"{word} {n}")
        ask(external_ids.add_external_id, contact_id=contact, system="crm", value=f"{word}-{n}")
        ask(groups.add_members, group_id=several[n], contact_ids=[contact, other])
        ask(companies.add_company_of_person, contact_id=contact, company_id=firms[n])
        ask(companies.add_person_of_company, contact_id=[contact, other][n], company_id=firms[0], title=f"{n}")
        ask(relations.add_relation, contact_id=contact, related_id=other, kind=["friend", "family"][n])
        ask(emergency.add_emergency_contact, contact_id=contact, name=f"{n}", phones=[{"value": f"+44 7700 90012{n}"}],
            consent={"how": "spoken", "when": soon(days=-1)})  # fmt: skip
        ask(referrals.make_buddy_pass, contact_id=contact)
        ask(bookings.book, contact_id=contact, session_id=meetings[n]["id"])
        ask(exporting.start_export)
        ask(api_keys.make_api_key, name=f"{word} {n}", scopes=["contacts.read"])
        place = ask(locations.create_location, name=f"{word} {n}")["id"]
        ask(locations.change_location, location_id=place, archived=True)
        field = ask(custom_fields.create_custom_field, label=f"{word} {n}", type="text")["id"]
        ask(custom_fields.change_custom_field, custom_field_id=field, archived=True)
        ask(segments.create_segment, name=f"{word} {n}", filter={"rules": [rule("tags", "in", [f"{word} {n}"])]})
        ask(sessions.create_series, kind="class", title="Yoga", starts=soon(days=2)[:19], duration_minutes=60,
            capacity=3, rule="FREQ=WEEKLY;COUNT=2")  # fmt: skip
    ask(bookings.book, contact_id=other, session_id=meetings[0]["id"])
    crowd = ask(segments.create_segment, name=f"{word} crowd", filter={"rules": [rule("groups", "=", f"{word} 0")]})
    done = [ask(bulk.start_bulk, action="restore", selection={"ids": [contact, other]})["id"] for _ in range(2)]
    of_firms = [[name, f"{name}.{word}@example.org", f"{word} {name}"] for name in "CD"]
    rows = [["first_name", "email", "company"], ["A", "no address", ""], ["B", "none", ""]]
    sheets = [table(*rows, *of_firms), table(*rows)]  # the firms in one alone: whichever is read first enters them
    read = [ask(importing.start_import, file_key=stored(house, one), file_name="people.csv")["id"] for one in sheets]
    for job in (*done, *read):
        ended(house, job)
    eventually(lambda: len(ask(segments.list_segment_members, segment_id=crowd["id"])["items"]) == 2)
    for rpc, many in ((timeline.get_timeline, 3), (segments.list_segments_of_contact, 3)):
        wanted = {"contact_id": contact} | NARROWED[rpc.name]
        eventually(lambda rpc=rpc, many=many, wanted=wanted: len(ask(rpc, **wanted)["items"]) == many)
    return {
        "contact_id": contact,
        "company_id": firms[0],
        "group_id": several[0],
        "note_id": note["id"],
        "session_id": meetings[0]["id"],
        "bulk_id": done[0],
        "segment_id": crowd["id"],
        "import_id": read[0],
    }


def asked_of(rpc: Any, furnished: dict[str, Any]) -> dict[str, Any]:
    needed = {name: field for name, field in rpc.takes().fields.items() if field.required}
    assert all(isinstance(field, fields.UUID) for field in needed.values())
    return {name: furnished[name] for name in needed} | NARROWED.get(rpc.name, {})


@pytest.mark.parametrize(("rpc", "order"), ORDERS, ids=[f"{rpc.name} {order}" for rpc, order in ORDERS])
@pytest.mark.requirement("G06")
def test_a_list_is_the_same_in_pages_and_as_a_whole_and_the_other_way_round(ask, furnished, rpc, order):
    asked = asked_of(rpc, furnished)
    whole, ends = seen(ask(rpc, limit=200, sort=order, **asked))
    some, cursor = [], None
    for _ in range(3):
        items, cursor = seen(ask(rpc, limit=1, sort=order, **asked, **({"cursor": cursor} if cursor else {})))
        some += items
        if cursor is None:
            break
    assert some == whole[:3]
    assert len(some) > 1 or rpc.name in EMPTY
    turned = TURNED.get(order) or (order[1:] if order.startswith("-") else f"-{order}")
    if ends is None and (rpc, turned) in ORDERS:
        assert seen(ask(rpc, limit=200, sort=turned, **asked))[0] == whole[::-1]


@pytest.fixture(scope="module")
def explained(house) -> Iterator[Explain]:
    clockwork = Clockwork(house.servers, house.name, "contacts", dt.datetime.now(dt.UTC))
    with explaining(clockwork, Contacts) as explain:
        yield explain
    clockwork.runtime.engine.dispose()


@pytest.mark.parametrize(("rpc", "order"), DEEP, ids=[f"{rpc.name} {order}" for rpc, order in DEEP])
@pytest.mark.requirement("C31", "G06")
def test_a_list_that_may_be_long_is_read_in_the_order_of_an_index(furnished, explained, rpc, order):
    plans = explained(rpc, {**asked_of(rpc, furnished), "sort": order, "limit": 1})
    assert plans
    for plan in plans:
        assert "Sort Key: " not in plan, plan


def seen(page: dict[str, Any]) -> tuple[list[Any], str | None]:
    """What is on a page, by id where there is one: how far a job is may change from one look to the next."""
    return [item.get("id", item) for item in page["items"]], page["next"]
