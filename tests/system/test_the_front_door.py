"""How the API behaves, whatever it is asked: sessions, headers, repetition, lost updates, pages, files."""

from __future__ import annotations

import http.client
import io
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from chassis.ids import new_id
from tests.builders.people import a_person, an_email
from tests.builders.waiting import eventually

NOBODY = "01a20404-0000-7000-8000-00000000dead"


@pytest.mark.requirement("G02")
def test_a_session_opens_is_renewed_once_and_ends(api, house):
    credentials = {"email": house.owner["email"], "password": house.owner["password"]}
    opened = api.as_nobody().post("/sessions", json=credentials)
    assert opened.status_code == 201
    assert (opened.json()["token_type"], opened.json()["expires_in"]) == ("Bearer", 900)
    assert opened.json()["team_member"]["role"] == "owner"
    assert opened.headers["Cache-Control"] == "no-store"

    token = {"refresh_token": opened.json()["refresh_token"]}
    renewed = api.as_nobody().post("/sessions/refresh", json=token)
    assert renewed.status_code == 201
    resent = api.as_nobody().post("/sessions/refresh", json=token)  # as a browser does when the answer was lost
    assert resent.json()["refresh_token"] == renewed.json()["refresh_token"]
    once_more = {"refresh_token": renewed.json()["refresh_token"]}
    assert api.as_nobody().post("/sessions/refresh", json=once_more).status_code == 201
    assert api.as_nobody().post("/sessions/refresh", json=token).status_code == 401

    other = api.as_nobody().post("/sessions", json=credentials).json()
    assert api.as_nobody().post("/sessions/sign-out", json={"refresh_token": other["refresh_token"]}).status_code == 204
    refused = api.as_nobody().post("/sessions/refresh", json={"refresh_token": other["refresh_token"]})
    assert refused.status_code == 401


@pytest.mark.requirement("G02")
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(api, house):
    nobody = api.as_nobody()
    wrong = nobody.post("/sessions", json={"email": house.owner["email"], "password": "not this one"})
    unknown = nobody.post("/sessions", json={"email": "nobody@example.com", "password": "not this one"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json()["detail"] == unknown.json()["detail"]
    assert "WWW-Authenticate" in wrong.headers


@pytest.mark.requirement("G06")
def test_a_creation_says_where_it_is_and_which_version(api, a_lead_of):
    made = a_lead_of(first_name="Ada")
    read = api.get(made.headers["Location"])
    assert read.json() == {name: value for name, value in made.json().items() if name in read.json()}
    assert read.headers["ETag"] == made.headers["ETag"] == '"1"'


@pytest.mark.requirement("G06")
def test_what_has_not_changed_is_not_sent_again_and_a_lost_update_is_refused(api, a_lead_of):
    place = a_lead_of(first_name="Ada").headers["Location"]
    unchanged = api.get(place, headers={"If-None-Match": '"1"'})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["ETag"]) == (304, b"", '"1"')

    changed = api.patch(place, json={"first_name": "Adele"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    lost = api.patch(place, json={"first_name": "Adelaide"}, headers={"If-Match": '"1"'})
    assert lost.status_code == 412
    assert api.get(place, headers={"If-None-Match": '"1"'}).json()["first_name"] == "Adele"


@pytest.mark.requirement("G06")
def test_one_key_fifty_times_at_once_is_one_contact_and_fifty_equal_answers(api, me):
    person = a_person(enter_as="lead", assigned_to=me["id"])
    key = person["emails"][0]["value"]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: api.post("/contacts", json=person, key=key), range(50)))
    assert {answer.status_code for answer in answers} == {201}
    assert all(answer.json() == answers[0].json() for answer in answers)
    assert len(api.get("/contacts", params={"q": key}).json()["items"]) == 1
    another = api.post("/contacts", json={**person, "first_name": "Other"}, key=key)
    assert another.status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "pointer"),
    [
        ("GET", "/contacts/no-uuid", {}, 422, "/contact_id"),
        ("GET", f"/contacts/{NOBODY}", {}, 404, None),
        ("GET", "/contacts?limit=lots", {}, 422, "/limit"),
        ("GET", "/contacts?limit=99999999999999999999999", {}, 422, "/limit"),
        ("GET", "/contacts?limit=0", {}, 422, "/limit"),
        ("GET", "/contacts?cursor=rubbish", {}, 422, "/cursor"),
        ("GET", "/contacts?unheard=of", {}, 422, "/unheard"),
        ("GET", "/contacts?q=%00", {}, 422, "/q"),
        ("GET", "/events?after=rubbish", {}, 422, "/after"),
        ("GET", "/events?wait=3600", {}, 422, "/wait"),
        ("GET", f"/jobs/{NOBODY}", {}, 404, None),
        ("GET", f"/imports/{NOBODY}/rejects", {}, 404, None),
        ("GET", f"/agreements/{NOBODY}/pdf", {}, 404, None),
        ("POST", "/contacts", {"json": {"unheard": "of"}}, 422, "/unheard"),
        ("POST", "/contacts", {"json": {"emails": [{"value": 5}]}}, 422, "/emails/0/value"),
        ("POST", "/contacts", {"data": "{", "headers": {"Content-Type": "application/json"}}, 400, None),
        ("POST", "/contacts", {"data": "x=1"}, 400, None),
        ("POST", "/contacts", {"data": {"x": "1"}}, 415, None),
        ("POST", "/contacts", {"json": [], "headers": {"Idempotency-Key": "x" * 300}}, 400, None),
        ("POST", "/imports", {"json": {}}, 415, None),
        ("POST", "/imports", {"files": {"nothing": b"x"}}, 422, "/file"),
        ("POST", "/imports", {"files": {"file": b"x"}, "data": {"file_key": "imports/other"}}, 422, "/file_key"),
        ("PUT", "/contacts", {}, 405, None),
    ],
)  # fmt: skip
@pytest.mark.requirement("G06")
def test_a_request_that_makes_no_sense_is_told_why(api, method, path, sent, status, pointer):
    if sent.get("data") == "x=1":
        sent = {**sent, "headers": {"Content-Type": "application/json"}}
    answer = api.request(method, path, **sent)
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    if pointer:
        assert pointer in [error["pointer"] for error in problem["errors"]]


def test_a_list_is_read_page_by_page(api, a_lead_of):
    mark = an_email()["value"].split("@")[0]
    made = {a_lead_of(last_name=f"{mark} {n}").json()["id"] for n in range(5)}
    found, cursor = [], None
    while cursor or not found:
        page = api.get("/contacts", params={"q": mark, "limit": 2, "cursor": cursor}).json()
        assert len(page["items"]) <= 2
        found += [contact["id"] for contact in page["items"]]
        cursor = page["next"]
    assert (len(found), set(found)) == (5, made)


def test_an_upload_takes_its_fields_in_any_order_and_form(api):
    for data in (
        {"match_on": "email,phone", "mode": "create"},
        {"match_on": '["phone"]', "mapping": '{"Who": "first_name"}'},
        [("match_on", "email"), ("match_on", "phone")],
    ):
        sheet = f"Who,E-mail\nPia,{an_email()['value']}\n"
        answer = api.post("/imports", data=data, files={"file": ("../../pia.csv", io.BytesIO(sheet.encode()))})
        assert answer.status_code == 202, answer.text
        assert answer.json()["file_name"] == "pia.csv"
        done = eventually(lambda place=answer.headers["Location"]: _finished(api, place))
        assert done["created"] == 1


def _finished(api, place):
    job = api.get(place).json()
    return job if job["state"] == "done" else None


@pytest.mark.parametrize("accept", ["text/html", "text/html,application/xhtml+xml,*/*;q=0.8"])
@pytest.mark.requirement("D02")
def test_a_browser_gets_a_page_to_sign_on_and_the_text_cannot_run(api, a_lead_of, accept):
    contact = a_lead_of(first_name="<script>alert(1)</script>").json()["id"]
    template = api.get("/agreement-templates?kind=waiver").json()["items"][0]["id"]
    sent = api.post("/agreements", json={"contact_id": contact, "template_id": template}).json()
    page = api.as_nobody().get(sent["sign_url"], headers={"Accept": accept})
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert 'data-url="/v1/public/agreements/' in page.text


@pytest.mark.requirement("G05")
def test_sales_may_sell_and_may_not_approve(api):
    colleague = {"email": an_email()["value"], "name": "Sam", "role": "sales", "password": "a long password"}
    assert api.post("/team-members", json=colleague).status_code == 201
    sam = api.as_(colleague["email"], colleague["password"])
    assert sam.get("/orders").status_code == 200
    refused = sam.post(f"/payments/{NOBODY}/approve")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")


def test_head_and_options_are_answered(api):
    head = api.request("HEAD", "/contacts")
    assert (head.status_code, head.content) == (200, b"")
    assert "POST" in api.request("OPTIONS", "/contacts").headers["Allow"]


@pytest.mark.requirement("G06")
@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /v1/me HTTP/1.1\r\nHost: a\r\nIdempotency-Key: \x7f\r\n\r\n", 400),
        (b"GET /v1/me?" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
        (b"What is this?\r\n\r\n", 400),
    ],
)
def test_what_is_not_even_http_is_refused_with_a_problem_document(api, sent, status):
    host = urlsplit(api.url)
    with socket.create_connection((host.hostname, host.port), timeout=10) as line:
        line.sendall(sent)
        answer = http.client.HTTPResponse(line)
        answer.begin()
        document = json.loads(answer.read())
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert document["status"] == status
    assert document.keys() == {"type", "title", "status", "detail", "request_id"}
    assert api.get(f"{api.url}{document['type']}").status_code == 200


@pytest.mark.requirement("O03")
def test_the_gateway_tells_that_it_is_ready_and_how_busy_it_is(api):
    assert api.get(f"{api.url}/readyz").json() == {"status": "ready"}
    assert "rapport_http_request_seconds_bucket" in api.get(f"{api.url}/metrics").text


@pytest.mark.requirement("O03")
def test_one_request_id_goes_from_the_door_to_the_event(api, house, feed, me):
    told = {"X-Request-Id": "follow-me-1"}
    made = api.post("/contacts", json=a_person(enter_as="lead", assigned_to=me["id"]), headers=told)
    assert made.headers["X-Request-Id"] == "follow-me-1"
    for name in ("gateway", "contacts", "pipeline"):  # who was asked, who answered, who heard of it
        assert eventually(lambda name=name: [line for line in house.log(name) if "follow-me-1" in str(line)]), name
    items = eventually(lambda: [e for e in feed.news() if e.get("subject") == made.json()["id"]])
    assert items[0]["requestid"] == "follow-me-1"


@pytest.mark.requirement("O03")
def test_one_request_id_stands_in_every_line_of_the_job_that_it_starts_and_of_who_hears_of_it(
    api, house, feed, a_lead_of
):
    ids = [a_lead_of().json()["id"] for _ in range(3)]
    asked = {"action": "add_tags", "selection": {"ids": ids}, "parameters": {"tags": ["Followed"]}}
    job = api.post("/bulk", json=asked, headers={"X-Request-Id": "follow-me-2"}).json()["id"]
    eventually(lambda: api.get(f"/jobs/{job}").json()["state"] == "done")
    lines = eventually(lambda: [line for line in house.log("contacts") if line.get("job") == job])
    assert {line["request_id"] for line in lines} == {"follow-me-2"}

    def tagged():
        told = [event for event in feed.news() if event.get("data", {}).get("tag") == "Followed"]
        return len(told) == len(ids) and {(event["type"], event["requestid"]) for event in told}

    assert eventually(tagged) == {("contact.tagged", "follow-me-2")}
    assert eventually(lambda: [line for line in house.log("contacts") if "follow-me-2" in line.get("request_ids", ())])


@pytest.mark.requirement("O03")
def test_one_request_id_goes_on_with_the_letter_that_is_sent_later(api, house, feed, a_lead_of):
    lead = a_lead_of().json()["id"]
    welcome = api.get("/message-templates").json()["items"][0]["id"]
    letter = {"channel": "email", "template_id": welcome}
    assert api.post(f"/contacts/{lead}/messages", json=letter, headers={"X-Request-Id": "follow-me-3"}).ok

    def told():
        return [one for one in feed.news() if one.get("subject") == lead and one["type"].startswith("message.")]

    assert eventually(lambda: "message.sent" in {event["type"] for event in told()})
    assert {(event["type"], event["requestid"]) for event in told()} == {
        (kind, "follow-me-3") for kind in ("message.queued", "message.sent")
    }

    def lines(of, event):
        return [one for one in house.log(of) if one["event"] == event and "follow-me-3" in str(one)]

    (sent,) = eventually(lambda: lines("notifications", "errand done"))
    assert (sent["request_id"], sent["door"], sent["outcome"]) == ("follow-me-3", "send_queued_messages", "ok")
    assert eventually(lambda: [one for one in lines("contacts", "events applied") if "message.sent" in one["types"]])


@pytest.mark.requirement("O03")
def test_whichever_worker_is_asked_tells_the_figures_of_all(api):
    def told(name):
        lines = requests.get(f"{api.url}/metrics", timeout=10).text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    before = told("rapport_http_request_seconds_count")
    for _ in range(10):  # a connection each, for whichever worker takes it
        assert requests.get(f"{api.url}/v1/contacts", timeout=10).status_code == 401
    after = [told("rapport_http_request_seconds_count") for _ in range(6)]
    assert after == sorted(after)
    assert after[0] - before >= 10
    assert told("process_resident_memory_bytes") > 100_000_000
    assert told("rapport_http_requests_in_flight") >= 1


@pytest.mark.requirement("G06", "B13")
def test_what_moves_without_a_new_version_is_always_sent(api, a_lead_of):
    word, price = f"Spring {new_id()[-12:]}", {"amount": 1000, "currency": "EUR"}
    place = api.post("/promo-codes", json={"code": word, "basis_points": 2000}).headers["Location"]
    towel = api.post("/packages", json={"name": "Towel", "kind": "product", "price": price}).json()["id"]
    asked = {"contact_id": a_lead_of().json()["id"], "items": [{"package_id": towel}], "promo_code": word}
    assert api.post("/orders", json=asked).json()["total"] == price | {"amount": 800}
    assert api.get(place, headers={"If-None-Match": '"1"'}).json()["uses"] == 1
