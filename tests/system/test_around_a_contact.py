"""The people around a contact, over HTTP: the doors of the team, and those of the public."""

from __future__ import annotations

import pytest

from tests.builders.people import an_email
from tests.builders.waiting import eventually


@pytest.mark.requirement("C01", "G06")
def test_a_place_in_a_company_has_an_address_a_version_and_an_end(api, a_lead_of):
    person = a_lead_of(first_name="Ada").json()
    company = api.post("/contacts", json={"kind": "company", "name": "Engines", "enter_as": "customer"}).json()
    made = api.post(f"/contacts/{company['id']}/people", json={"contact_id": person["id"], "title": "Director"})
    assert made.status_code == 201, made.text
    place = made.headers["Location"]
    assert made.headers["ETag"] == '"1"'
    changed = api.patch(place, json={"title": "Owner"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["title"]) == (200, "Owner")
    assert api.patch(place, json={"title": "Lost"}, headers={"If-Match": '"1"'}).status_code == 412
    assert [at["title"] for at in api.get(f"/contacts/{person['id']}/companies").json()["items"]] == ["Owner"]
    assert api.request("DELETE", place).status_code == 204
    assert api.get(place).status_code == 404


@pytest.mark.requirement("C13", "C15", "C29", "G02")
def test_a_friend_signs_up_by_a_code_and_the_profile_tells_of_it(api, a_lead_of):
    host, nobody = a_lead_of(first_name="Greta").json(), api.as_nobody()
    code = api.post(f"/contacts/{host['id']}/referral-code").json()
    shown = nobody.get(f"{api.url}{code['path']}")
    assert (shown.status_code, shown.json()["first_name"], len(shown.json())) == (200, "Greta", 2)

    form = {"first_name": "Gus", "email": an_email()["value"], "referral_code": code["code"]}
    known = {"first_name": "Mallory", "email": host["emails"][0]["value"]}
    answers = [nobody.post("/public/signups", json=sent) for sent in (form, known, form)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, '{"received":true}')}

    def profile():
        told = api.get(f"/contacts/{host['id']}/profile").json()
        return told if told["referrals"]["items"] else None

    told = eventually(profile)
    assert [item["referred"]["display_name"] for item in told["referrals"]["items"]] == ["Gus"]
    assert told["referrals"]["progress"]["leads"] == 1
    assert told["relations"] == told["emergency_contacts"] == []
    verdict = api.get(f"/contacts/{host['id']}/may-send", params={"channel": "email", "purpose": "marketing"})
    assert (verdict.status_code, verdict.json()["allowed"]) == (200, False)
