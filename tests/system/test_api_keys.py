"""Another system comes with a key, by HTTP alone."""

import uuid

import pytest

from tests.builders.waiting import eventually
from tests.house.web import Api


@pytest.mark.requirement("C15", "G05")
def test_another_system_enters_a_lead_with_its_key_and_is_refused_once_that_is_revoked(api):
    made = api.post("/api-keys", json={"name": "Website", "scopes": ["contacts.read", "contacts.write"]})
    assert made.status_code == 201, made.text
    path = made.headers["Location"].removeprefix("/v1")
    website = Api(api.url, made.json()["key"])
    person = {"kind": "person", "enter_as": "lead", "first_name": "Wilma"}
    person["emails"] = [{"value": f"wilma.{uuid.uuid4().hex}@example.org", "label": "home"}]
    entered = website.post("/contacts", json=person)
    assert entered.status_code == 201, entered.text
    assert (entered.json()["acquisition"], entered.json()["studio_controlled"]) == ("api", False)
    mine = f"/contacts/{entered.json()['id']}"
    assert website.get(mine).status_code == 200
    assert eventually(lambda: api.get(f"{mine}/timeline").json()["items"])[-1]["actor"]["name"] == "Website"
    refused = website.get("/team-members")
    assert (refused.status_code, refused.json()["detail"]) == (403, "Your API key does not include team.read.")
    assert website.post("/api-keys", json={"name": "x", "scopes": ["contacts.read"]}).status_code == 403
    assert api.get(path).json()["last_used_at"]
    assert "key" not in api.get(path).json()
    second = api.post("/api-keys", json={"name": "Website, too", "scopes": ["contacts.read"]}).json()
    assert api.delete(path).json()["revoked_at"]
    eventually(lambda: website.get(mine).status_code == 401)
    assert Api(api.url, second["key"]).get(mine).status_code == 200
    wrong = Api(api.url, made.json()["key"] + "x").get(mine)
    assert (wrong.status_code, wrong.json()["detail"]) == (401, "The API key is not valid.")
    assert Api(api.url, "rapport_nonsense").get(mine).status_code == 401
    guesses = {Api(api.url, f"rapport_guess{n}").get(mine).status_code for n in range(60)}
    assert guesses == {401, 429}
    another = api.post("/api-keys", json={"name": "Beside the guesser", "scopes": ["contacts.read"]}).json()
    assert Api(api.url, another["key"]).get(mine).status_code == 200
    told = eventually(lambda: len(found := api.get(f"{path}/history").json()["items"]) == 2 and found)
    assert [one["type"] for one in told] == ["api_key.revoked", "api_key.made"]
