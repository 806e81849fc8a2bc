"""Every list of contacts is asked for in the same way: pages, an order, and something to look for."""

from __future__ import annotations

import pytest

from gateway.asked import fields_of
from gateway.permissions import placeholders
from gateway.routes import all_routes

WHOLE = {
    "list_filter_fields": "every field there is, for a form; some fifty",
    "list_export_columns": "every column there is, for a form; some fifty",
    "find_likely_duplicates": "the few most alike, the likeliest first",
    "list_likely_duplicates": "the few most alike, the likeliest first",
}
"""Lists that are answered whole, and why."""
UNFILTERED = {
    "list_emergency_contacts": "the few whom to call for one contact",
    "list_note_versions": "the few texts of one note",
    "list_rejects": "a filter already: the rejected ones of list_import_rows",
}
"""Lists in pages that have nothing to look for, and why."""

LISTS = {
    route.rpc.name: route
    for route in all_routes()
    if route.rpc.service == "contacts" and not route.rpc.writes and "items" in route.rpc.gives().fields
}
MEMBERS = {name: set(fields_of(route.rpc.takes)) - placeholders(route) for name, route in LISTS.items()}


@pytest.mark.parametrize("name", sorted(set(LISTS) - set(WHOLE)))
@pytest.mark.requirement("G06")
def test_a_list_comes_in_pages_in_an_order_and_can_be_narrowed(name):
    members = MEMBERS[name]
    assert {"limit", "cursor"} <= members
    assert "next" in LISTS[name].rpc.gives().fields
    assert "sort" in members
    assert bool(members - {"limit", "cursor", "sort", "count"}) != (name in UNFILTERED)


def test_what_is_excepted_is_there():
    assert set(WHOLE) | set(UNFILTERED) <= set(LISTS)
    assert not [name for name in WHOLE if "limit" in MEMBERS[name]]
