"""Who may not see billing neither filters nor sorts by money, and takes none of it away."""

from __future__ import annotations

import pytest

from chassis.actor import Actor
from contracts.access import PERMISSIONS, ROLES
from contracts.contacts import bulk, exporting, finding, segments
from contracts.contacts.team import TEAM_ROLES
from contracts.errors import Forbidden
from tests.service.contacts.business_of_segments import rule

ID = "01a20404-0000-7000-8000-00000000cafe"
KEY = Actor(ID, "api", "Website", scopes=frozenset(PERMISSIONS) - {"billing.read", "system"})
"""Everything else is in its scopes."""
MONEY = {"lifetime_value", "dues", "purchases", "first_purchase_at", "last_purchase_at"}
OWING = {"combinator": "or", "rules": [rule("kind", "=", "person"), {"rules": [rule("dues", ">", 0)]}]}
PLACE = "/filter/rules/1/rules/0/field"
ASKED = [
    (finding.list_contacts, {"filter": OWING}, PLACE),
    (finding.search_contacts, {"filter": OWING}, PLACE),
    (finding.list_contacts, {"sort": "-lifetime_value"}, "/sort"),
    (segments.preview_segment, {"filter": OWING}, PLACE),
    (segments.create_segment, {"name": "Owing", "filter": OWING}, PLACE),
    (exporting.start_export, {"selection": {"filter": OWING}}, f"/selection{PLACE}"),
    (exporting.start_export, {"columns": ["id", "dues"]}, "/columns/1"),
    (bulk.start_bulk, {"action": "restore", "selection": {"filter": OWING}}, f"/selection{PLACE}"),
]


@pytest.mark.requirement("C24", "G05")
@pytest.mark.parametrize(("rpc", "asked", "pointer"), ASKED, ids=[f"{rpc.name} {at}" for rpc, _, at in ASKED])
def test_to_ask_about_money_is_refused_at_its_place_to_who_may_not_see_it(ask, rpc, asked, pointer):
    with pytest.raises(Forbidden) as refusal:
        ask(rpc, actor=KEY, **asked)
    assert [error["pointer"] for error in refusal.value.errors] == [pointer]


@pytest.mark.requirement("C24", "G05")
@pytest.mark.parametrize("role", TEAM_ROLES)
def test_fields_of_money_are_offered_to_who_may_see_it(ask, role):
    told = {field["name"]: field["needs"] for field in ask(finding.list_filter_fields, actor=role)["items"]}
    sees = "billing.read" in ROLES[role]
    assert {name for name, needs in told.items() if needs} == (MONEY if sees else set())
    assert told.keys() >= MONEY if sees else told.keys().isdisjoint(MONEY)
    if not sees:
        with pytest.raises(Forbidden):
            ask(finding.list_contacts, actor=role, filter=OWING)
    assert ask(finding.list_contacts, actor=role, filter={"rules": [rule("visits", ">=", 10**6)]})["items"] == []


@pytest.mark.requirement("C20", "G05")
def test_an_export_of_all_columns_has_none_of_money_for_who_may_not_see_it(ask):
    [owners, keys] = (
        {column["name"] for column in ask(exporting.list_export_columns, actor=actor)["items"]} for actor in (None, KEY)
    )
    assert owners - keys == {"lifetime_value", "dues"}
    started = ask(exporting.start_export, actor=KEY, selection={"ids": [ID]})
    assert set(ask(exporting.get_export, export_id=started["id"])["columns"]) == keys


@pytest.mark.requirement("C24", "G05")
def test_a_segment_that_asks_about_money_is_filtered_by_and_renamed_but_not_asked_otherwise(ask, someone):
    made = ask(segments.create_segment, name=f"Owing {someone}", filter=OWING)
    asked = {"rules": [rule("segments", "=", made["id"])]}
    ask(finding.list_contacts, actor="dispatcher", filter=asked)
    assert ask(segments.change_segment, actor=KEY, segment_id=made["id"], name=f"In debt {someone}")["version"] == 2
    with pytest.raises(Forbidden):
        ask(segments.change_segment, actor=KEY, segment_id=made["id"], filter=OWING)
    ask(segments.delete_segment, segment_id=made["id"])
