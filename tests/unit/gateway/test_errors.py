"""Whoever refuses, the answer is a problem document, with the headers that HTTP wants beside its status."""

import io
from html import unescape

import pytest
from flask import g

from contracts import errors
from contracts.errors import Blocked, Invalid, Merged, NotSignedIn, Throttled, Unavailable
from gateway.console.pages import problems
from gateway.errors import response_of

OLD, NEW = "01a20404-0000-7000-8000-000000000001", "01a20404-0000-7000-8000-000000000002"


def test_a_refusal_names_its_fields_and_the_request(gateway):
    with gateway.test_request_context():
        g.request_id = "r1"
        response = response_of(Invalid.field("/emails/0/value", "Not an address."))
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.get_json() == {
        "type": "/problems/invalid", "title": "Invalid request", "status": 422, "detail": "Not an address.",
        "request_id": "r1", "errors": [{"pointer": "/emails/0/value", "detail": "Not an address."}],
    }  # fmt: skip


def test_further_members_never_hide_the_ones_of_the_standard(gateway):
    with gateway.test_request_context():
        document = response_of(Blocked("Stop.", status=200, type="x", existing_id=OLD)).get_json()
    assert (document["status"], document["type"], document["existing_id"]) == (409, "/problems/blocked", OLD)


@pytest.mark.parametrize(
    ("problem", "header", "value"),
    [
        (NotSignedIn(), "WWW-Authenticate", 'Bearer realm="rapport"'),
        (Unavailable("down", retry_after=7), "Retry-After", "7"),
        (Unavailable("down"), "Retry-After", "2"),
        (Throttled("slow down", retry_after=30), "Retry-After", "30"),
    ],
)
@pytest.mark.requirement("G06")
def test_a_refusal_brings_its_header(gateway, problem, header, value):
    with gateway.test_request_context():
        assert response_of(problem).headers[header] == value


@pytest.mark.requirement("C36")
def test_a_merged_contact_redirects_to_the_survivor_at_the_same_place(gateway):
    with gateway.test_request_context(f"/v1/contacts/{OLD}/notes?limit=5") as context:
        context.request.view_args = {"contact_id": OLD}
        response = response_of(Merged("Merged.", survivor=NEW))
    assert (response.status_code, response.headers["Location"]) == (308, f"/v1/contacts/{NEW}/notes?limit=5")


@pytest.mark.requirement("C36")
def test_a_merged_contact_that_came_in_the_body_is_a_conflict_that_names_the_survivor(gateway):
    with gateway.test_request_context("/v1/orders"):
        response = response_of(Merged("Merged.", survivor=NEW))
    assert (response.status_code, response.get_json()["survivor"]) == (409, NEW)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404), ("GET", "/v1/contacts/", 404), ("GET", "/v1//contacts", 404),
        ("DELETE", "/v1/contacts", 405), ("PUT", "/v1/contacts/x", 405),
    ],
)  # fmt: skip
def test_what_flask_refuses_is_a_problem_document_too(client, method, path, status):
    response = client.open(path, method=method, headers={"X-Request-Id": "mine"})
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.get_json()["request_id"] == response.headers["X-Request-Id"] == "mine"
    assert ("Allow" in response.headers) == (status == 405)


def test_every_problem_has_a_page_that_explains_it(client):
    for slug, told in problems().items():
        page = client.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert told["title"] in unescape(page.get_data(as_text=True))
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Problem)]
    assert {kind.title for kind in kinds} - {errors.Problem.title} <= {told["title"] for told in problems().values()}


@pytest.mark.parametrize("told", [{"PATH_INFO": "/v1/public/referrals/\xff"}, {"QUERY_STRING": "q=%ED%A0%80"}], ids=str)
def test_an_address_that_is_not_utf_8_is_refused_before_any_service_is_asked(client, told):
    response = client.get("/v1/public/referrals/code", environ_overrides=told)
    assert (response.status_code, response.content_type) == (400, "application/problem+json")


def test_a_body_beyond_the_limit_is_refused_unread(client):
    response = client.post("/v1/sessions", data=b"x" * (1024 * 1024 + 1), content_type="application/json")
    assert response.status_code == 413
    assert response.content_type == "application/problem+json"


def test_a_body_in_chunks_beyond_the_limit_is_refused_and_not_cut_short(client):
    body = io.BytesIO(b'{"email": "o@example.com", "password": "x"}' + b" " * (1024 * 1024))
    told = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/json"}
    response = client.post("/v1/sessions", input_stream=body, environ_overrides=told)
    assert response.status_code == 413
    assert response.content_type == "application/problem+json"


def test_without_a_broker_every_question_is_unavailable_and_the_gateway_is_alive_but_not_ready(client):
    response = client.post("/v1/sessions", json={"email": "o@example.com", "password": "x"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
