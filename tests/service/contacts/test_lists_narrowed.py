"""What a list can be narrowed by finds exactly what it should, among things of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from marshmallow import fields

from chassis.ids import new_id
from contracts.catalogue import all_rpcs
from contracts.errors import Invalid
from contracts.language import Moment, Text
from tests.service.contacts.narrowing_of_house import NarrowingOfHouse

NAMED_BY = {
    "list_external_ids": "value",
    "list_members": "contact_id",
    "list_segment_members": "contact_id",
    "list_bulk_results": "contact_id",
    "list_import_rows": "line",
    "list_import_companies": "line",
    "list_segments_of_contact": "segment_id",
}
"""What tells the things of a list apart, where it is no id."""
ELSEWHERE = {"list_contacts", "search_contacts", "list_likely_duplicates", "find_likely_duplicates", "list_api_keys"}
"""Lists that have tests of their own: of the filter language, of likeness, of keys; and all histories."""
LISTS = [
    rpc
    for rpc in all_rpcs()
    if rpc.service == "contacts"
    and {"items", "next"} <= set(rpc.gives().fields)
    and not rpc.name.endswith("_history")
    and rpc.name not in ELSEWHERE
]


def filters_of(rpc: Any) -> set[str]:
    """What a list can be narrowed by: neither whose it is, nor how its pages come."""
    given = rpc.takes().fields
    return {name for name, field in given.items() if not field.required} - {"limit", "cursor", "sort", "count"}


@pytest.fixture
def narrowing(house: Any) -> Iterator[NarrowingOfHouse]:
    entering = NarrowingOfHouse(house)
    entering.things_of_a_contact()
    entering.who_was_brought_along()
    entering.what_is_booked()
    entering.jobs()
    entering.what_is_managed()
    yield entering
    for put_back in entering.afterwards:
        put_back()


@pytest.mark.requirement("G06", "C19", "C21", "C22", "C28", "C29", "C30", "C31", "C32", "C33")
def test_each_filter_of_each_list_finds_what_it_should(ask, narrowing):
    wrong = []
    for rpc, base, narrowed, own, wanted in narrowing.cases:
        order = {"sort": "newest"} if "newest" in rpc.takes().fields["sort"].validators[0].choices else {}
        items = ask(rpc, **{"limit": 200, **order, **base, **narrowed})["items"]
        found = own & {item[NAMED_BY.get(rpc.name, "id")] for item in items}
        if found != wanted:
            wrong.append((rpc.name, narrowed, found ^ wanted))
    assert wrong == []
    tried = {(rpc.name, name) for rpc, base, narrowed, *_ in narrowing.cases for name in (*base, *narrowed)}
    assert {(rpc.name, name) for rpc in LISTS for name in filters_of(rpc)} - tried == set()


NONSENSE = {fields.Boolean: "maybe", fields.UUID: "x", Moment: "yesterday", Text: "a\0b"}


@pytest.mark.parametrize("rpc", [rpc for rpc in LISTS if filters_of(rpc)], ids=lambda rpc: rpc.name)
@pytest.mark.requirement("G06")
def test_a_filter_that_makes_no_sense_is_refused_at_its_place(ask, rpc):
    known = rpc.takes().fields
    needed = {name: new_id() for name, field in known.items() if field.required}
    for name in sorted(filters_of(rpc)):
        value = next((wrong for kind, wrong in NONSENSE.items() if isinstance(known[name], kind)), "nonsense")
        with pytest.raises(Invalid) as refused:
            ask(rpc, **needed, **{name: value})
        assert [error["pointer"] for error in refused.value.errors] == [f"/{name}"]
