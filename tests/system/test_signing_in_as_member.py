"""A member signs in over HTTP, sees themselves and no more than what is theirs, and is out when archived."""

from __future__ import annotations

import re

import pytest

from chassis.ids import new_id
from tests.builders.waiting import eventually
from tests.house.web import Api


@pytest.mark.requirement("B01", "G03", "G05", "C39")
def test_a_member_signs_in_sees_what_is_theirs_and_is_out_when_archived(api, a_lead_of, mailbox):
    address = f"{new_id()}@example.com"
    contact = a_lead_of(emails=[{"value": address}]).json()
    other = a_lead_of().json()
    nobody = api.as_nobody()
    assert api.patch("/settings", json={"leads_may_sign_in": True}).status_code == 200
    try:
        asked = [nobody.post("/member-codes", json={"email": email}) for email in (address, f"{new_id()}@example.com")]
        assert {(answer.status_code, answer.text) for answer in asked} == {(202, '{"received":true}')}
        [code] = re.findall(r"sign in: (\d{6})", mailbox.wait_for(address).get_content())
        opened = nobody.post("/member-sessions", json={"email": address, "code": code})
        assert (opened.status_code, opened.headers["Cache-Control"]) == (201, "no-store")
        device = {"email": address, "device_token": opened.json()["device_token"]}
        assert nobody.post("/member-codes", json=device).json() == {"received": True}
        again = nobody.post("/member-sessions", json={"email": address, "code": code})
        assert (again.status_code, again.json()["type"]) == (401, "/problems/not-signed-in")
        token = {"refresh_token": opened.json()["refresh_token"]}
        renewed = nobody.post("/member-sessions/refresh", json=token)
        assert (renewed.status_code, renewed.json()["member"]) == (201, opened.json()["member"])

        member = Api(api.url, renewed.json()["access_token"])
        me = member.get("/me").json()
        assert (me["id"], me["name"], me["role"]) == (contact["id"], contact["display_name"], "member")
        paths = [f"/contacts/{one['id']}/emergency-contacts" for one in (contact, other)]
        assert [member.get(path).status_code for path in (*paths, f"/contacts/{contact['id']}")] == [200, 404, 403]

        trial = {"name": "A week", "kind": "trial", "price": {"amount": 0, "currency": "EUR"}}
        wanted = [{"package_id": api.post("/packages", json=trial).json()["id"]}]
        assert wanted[0]["package_id"] in [
            package["id"] for package in member.get("/packages?limit=200").json()["items"]
        ]
        refused = member.post("/orders", json={"contact_id": other["id"], "items": wanted})
        assert refused.status_code == 404, "a member buys for themselves alone"

        assert api.post("/bulk", json={"action": "archive", "selection": {"ids": [contact["id"]]}}).status_code == 202
        assert eventually(lambda: member.get("/me").status_code == 401)
        last = {"refresh_token": renewed.json()["refresh_token"]}
        assert nobody.post("/member-sessions/refresh", json=last).status_code == 401
        assert nobody.post("/member-sessions/sign-out", json=last).status_code == 204
    finally:
        api.patch("/settings", json={"leads_may_sign_in": None})
