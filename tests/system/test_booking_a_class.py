"""A class is planned, booked and come to, and an outside scheduler keeps one of its own, all by HTTP."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from tests.builders.people import a_person
from tests.builders.sessions import soon
from tests.builders.waiting import eventually


def enter(api):
    return api.post("/contacts", json=a_person(enter_as="customer")).json()["id"]


@pytest.mark.requirement("C13", "C14", "C32", "C33")
def test_a_class_is_booked_and_stands_on_the_profile(api):
    planned = {"kind": "class", "title": "Yoga", "starts_at": soon(hours=3), "ends_at": soon(hours=4), "capacity": 1}
    made = api.post("/scheduled-sessions", json=planned)
    assert (made.status_code, made.headers["Location"]) == (201, f"/v1/scheduled-sessions/{made.json()['id']}")
    ada, bo = enter(api), enter(api)
    booked = api.post("/bookings", json={"session_id": made.json()["id"], "contact_id": ada}, key="ada books")
    again = api.post("/bookings", json={"session_id": made.json()["id"], "contact_id": ada}, key="ada books")
    assert (booked.status_code, again.json()["id"]) == (201, booked.json()["id"])
    assert (
        api.post("/bookings", json={"session_id": made.json()["id"], "contact_id": bo}).json()["state"] == "waitlisted"
    )
    refused = api.post("/bookings", json={"session_id": made.json()["id"], "contact_id": ada})
    assert (refused.status_code, refused.json()["booking_id"]) == (409, booked.json()["id"])

    here = f"/bookings/{booked.json()['id']}"
    assert [b["id"] for b in api.get(f"/contacts/{ada}/profile").json()["bookings"]] == [booked.json()["id"]]
    assert api.post(f"{here}/check-in").json()["state"] == "attended"
    assert api.delete(f"{here}/check-in").json()["state"] == "upcoming"
    assert api.post(f"{here}/cancel", json={}).json()["state"] == "late_cancelled"
    roster = api.get(f"/scheduled-sessions/{made.json()['id']}/bookings").json()["items"]
    assert [(b["contact_id"], b["state"]) for b in roster] == [(ada, "late_cancelled"), (bo, "upcoming")]
    assert api.get(f"/contacts/{ada}/service-history").json()["counts"]["late_cancelled"] == 1
    assert api.get(f"/contacts/{ada}/credits").json() == {"items": [], "next": None, "usable": 0}

    stale = api.patch(f"/scheduled-sessions/{made.json()['id']}", json={"capacity": 2}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412
    off = api.post(f"/scheduled-sessions/{made.json()['id']}/cancel", json={"reason": "Ill"}).json()
    assert (off["state"], off["booked"]) == ("cancelled", 0)


@pytest.mark.requirement("B01", "C33")
def test_a_credit_pack_that_is_sold_is_good_for_bookings_until_it_is_refunded(api):
    price = {"amount": 11000, "currency": "EUR"}
    terms = {"name": "Ten", "kind": "credit_pack", "price": price, "included_sessions": 10, "valid_days": 30}
    package, ada = api.post("/packages", json=terms).json(), enter(api)
    order = api.post(
        "/orders", json={"contact_id": ada, "items": [{"package_id": package["id"], "quantity": 2}]}
    ).json()
    today = dt.datetime.now(dt.UTC).date()
    payment = api.post(f"/orders/{order['id']}/payments", json={"method": "cash"}).json()

    def usable(number):
        found = eventually(lambda: (got := api.get(f"/contacts/{ada}/credits").json())["usable"] == number and got)
        return found["items"][0]

    pack = usable(20)
    assert (pack["id"], pack["credits"]) == (order["items"][0]["assignment_id"], 20)
    paid_on = dt.date.fromisoformat(pack["expires_on"]) - dt.timedelta(days=30)
    assert paid_on in (today, dt.datetime.now(dt.UTC).date())
    planned = {"kind": "class", "title": "Yoga", "starts_at": soon(days=3), "ends_at": soon(days=3.05), "capacity": 5}
    session = api.post("/scheduled-sessions", json=planned).json()["id"]
    assert api.post("/bookings", json={"session_id": session, "contact_id": ada}).json()["credit_pack_id"] == pack["id"]
    assert usable(19)["left"] == 19
    assert api.post(f"/payments/{payment['id']}/refund", json={"reason": "moved away"}).status_code == 200
    assert usable(0)["reversed"]
    entries = f"/contacts/{ada}/timeline?type=credits"
    assert eventually(lambda: [e for e in api.get(entries).json()["items"] if "19 credits" in e["summary"]])


@pytest.mark.requirement("C32")
def test_a_scheduler_puts_what_it_has_under_its_own_ids(api):
    there = f"/schedulers/mind-{uuid.uuid4().hex[:6]}"
    spin = {"title": "Spin", "starts_at": soon(days=1), "ends_at": soon(days=1, hours=1), "capacity": 2, "sequence": 1}
    put = [api.put(f"{there}/sessions/site 1/class 7", json=spin) for _ in range(2)]
    assert [(answer.status_code, answer.json()["outcome"]) for answer in put] == [(200, "created"), (200, "unchanged")]
    assert put[0].json()["session"]["external_id"] == "site 1/class 7"
    booking = {"session_external_id": "site 1/class 7", "contact_id": enter(api), "state": "upcoming"}
    batch = api.post(f"{there}/batch", json={"bookings": [booking | {"external_id": "b1"}]})
    assert [line["outcome"] for line in batch.json()["bookings"]] == ["created"]
    assert api.put(f"{there}/bookings/b1", json=booking | {"state": "attended"}).json()["outcome"] == "updated"
    wrong = api.put(f"{there}/sessions/x", json=spin | {"capacity": 0, "sequence": -1})
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/capacity", "/sequence"}
