"""A sale from the first word to the order, over HTTP alone, by somebody whose browser is closed between the steps."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chassis.ids import new_id
from tests.builders.people import a_person
from tests.builders.selling import ANSWERS
from tests.builders.waiting import eventually
from tests.house.web import Api
from tests.system.journey import got


@pytest.mark.requirement("P06", "P03", "D02", "D03", "G06")
def test_a_new_lead_is_sold_to_step_by_step_and_found_on_the_board(api: Api) -> None:
    source = f"fair {new_id()}"
    me = got(api.get("/me"))
    begun = api.post("/sales-flows", json={"lead_data": a_person(assigned_to=me["id"], source=source)}, key=new_id())
    flow, place = got(begun, 201), begun.headers["Location"]

    def save(step: str, **told: Any) -> dict[str, Any]:
        """Come back with a new browser, look where the flow stands, and save a step of it as it was seen."""
        browser = Api(api.url, api.session.headers["Authorization"].removeprefix("Bearer "))
        seen = browser.get(place)
        assert got(seen)["next_step"] == step.replace("-", "_")
        told_of = {"headers": {"If-Match": seen.headers["ETag"]}, "json": told}
        return got(browser.put(f"{place}/steps/{step}", **told_of))

    lacking = got(api.post(f"{place}/submit"), 409)["errors"]
    assert lacking[0]["pointer"] == "/steps/questionnaire"
    for kind, answers in ANSWERS.items():
        form = got(api.get("/forms", params={"kind": kind, "sort": "oldest"}))["items"][0]["id"]
        save(kind.replace("_", "-"), form_id=form, answers=answers)
    price = {"amount": 4900, "currency": "EUR"}
    gold = got(api.post("/packages", json={"name": "Gold", "kind": "membership", "price": price}), 201)
    save("package", package_id=gold["id"])
    save("summary", confirmed=True)
    terms = got(api.get("/agreement-templates", params={"kind": "terms"}))["items"][0]["id"]
    sent = got(api.post("/agreements", json={"contact_id": flow["contact_id"], "template_id": terms}), 201)
    link = sent["sign_url"].partition("/v1")[2]
    got(api.as_nobody().post(link, json={"name": "Ana", "agreed": True}))
    assert save("terms", agreement_id=sent["id"])["lacks"] == []
    got(api.post(f"{place}/submit"))
    ordered = eventually(lambda: (found := got(api.get(place)))["state"] == "submitted" and found)
    assert got(api.get(f"/orders/{ordered['order_id']}"))["placed_by"] == me["name"]

    fair = json.dumps({"rules": [{"field": "source", "operator": "=", "value": source}]})
    columns = got(api.get("/board", params={"filter": fair}))["stages"]
    assert [card["contact_id"] for column in columns for card in column["leads"]] == [flow["contact_id"]]
    forged = got(api.post("/sales-flows", json={"lead_data": {"asked_by": me}}), 422)
    assert forged["errors"][0]["pointer"] == "/lead_data/asked_by"


@pytest.mark.requirement("B13", "G06")
def test_a_draft_keeps_its_address_and_is_priced_anew_whatever_the_browser_has_kept(api: Api) -> None:
    lead = {"kind": "person", "enter_as": "customer", "first_name": new_id()}
    step = got(api.post("/contacts", json=lead), 201)["next_step"]
    assert step["kind"] == "draft_order"
    begun = api.post("/orders/drafts", json={"contact_id": step["contact_id"]}, key=new_id())
    place = begun.headers["Location"]
    assert got(begun, 201)["problems"][0]["pointer"] == "/items"
    price = {"amount": 250, "currency": "EUR"}
    water = got(api.post("/packages", json={"name": "Water", "kind": "product", "price": price}), 201)
    items = {"items": [{"package_id": water["id"], "quantity": 2}]}
    changed = api.patch(place, json=items, headers={"If-Match": begun.headers["ETag"]})
    assert got(changed)["total"]["amount"] == 500
    got(api.patch(f"/packages/{water['id']}", json={"price": {"amount": 300}}))
    seen = api.get(place, headers={"If-None-Match": changed.headers["ETag"]})
    assert (seen.headers["ETag"], got(seen)["total"]["amount"]) == (changed.headers["ETag"], 600)
    refused = got(api.post(f"{place}/place", json={"total": got(changed)["total"]}), 409)
    assert (refused["total"], refused["errors"][0]["pointer"]) == (got(seen)["total"], "/total")
    placed = got(api.post(f"{place}/place", json={"total": refused["total"]}))
    assert got(api.get(place)) == placed
    assert api.delete(place).status_code == 409
    other = api.post("/orders/drafts", json={"contact_id": step["contact_id"]}).headers["Location"]
    assert [api.delete(other).status_code, api.get(other).status_code] == [204, 404]
