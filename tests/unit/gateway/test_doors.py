"""What stands around every answer: headers, request ids, logs, limits, other origins."""

import pytest

from chassis.actor import FOR_GATEWAY, sign
from chassis.config import settings
from gateway.access_log import request_id_of
from gateway.web import create_app
from tests.unit.gateway.conftest import SECRET

SIGN_IN = {"email": "Someone@Example.com", "password": "a password that nobody logs"}


@pytest.mark.parametrize(
    ("given", "trace", "expected"),
    [
        ("abc-1", None, "abc-1"),
        ("abc\nforged", None, None),
        ("x" * 65, None, None),
        (None, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "4bf92f3577b34da6a3ce929d0e0e4736"),
        (None, "rubbish", None),
    ],
)
@pytest.mark.requirement("O03")
def test_a_decent_request_id_is_kept_and_any_other_replaced(given, trace, expected):
    found = request_id_of(given, trace)
    assert found == expected if expected else found not in (given, None)


def test_a_browser_is_told_what_not_to_do(client):
    headers = client.get("/v1/contacts").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["Cache-Control"] == "no-store"


def test_the_log_knows_the_template_and_nothing_that_was_typed(client, caplog):
    client.get("/v1/contacts?q=Zoe+Secretname", headers={"X-Request-Id": "r7"})
    client.post("/v1/sessions", json=SIGN_IN)
    client.get("/v1/public/agreements/token-of-somebody")
    client.get("/v1/contacts/one-id/notes")
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    for secret in ("Secretname", "xample.com", "a password", "token-of-somebody"):
        assert secret not in str(lines)
    first = next(line for line in lines if line["request_id"] == "r7")
    assert (first["route"], first["status"], first["method"]) == ("/v1/contacts", 401, "GET")
    assert any(line.get("contact_id") == "one-id" for line in lines)


def test_an_origin_on_the_list_may_read_and_another_may_not(client):
    known = client.get("/v1/contacts", headers={"Origin": "https://app.example"})
    assert known.headers["Access-Control-Allow-Origin"] == "https://app.example"
    exposed = {name.strip() for name in known.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"ETag", "Link", "Location", "Retry-After"} <= exposed
    unknown = client.get("/v1/contacts", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in unknown.headers


def test_metrics_count_requests_by_template(client):
    client.get("/v1/contacts/01a20404-0000-7000-8000-000000000001")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'rapport_http_request_seconds_count{method="GET",route="/v1/contacts/<contact_id>",status="401"}' in text


@pytest.mark.requirement("G03", "G06")
@pytest.mark.parametrize("door", ["/v1/sessions", "/v1/member-sessions"])
def test_the_eleventh_try_to_sign_in_has_to_wait_and_a_colleague_has_not(gateway, monkeypatch, door):
    monkeypatch.setenv("RAPPORT_RATE_LIMITS", "on")
    assert settings().amqp_uri.endswith(":9/")
    visitor = create_app().test_client()
    for _ in range(10):
        assert visitor.post(door, json=SIGN_IN).status_code == 503
    refused = visitor.post(door, json=SIGN_IN)
    assert refused.status_code == 429
    assert refused.get_json()["type"] == "/problems/throttled"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert visitor.post(door, json={**SIGN_IN, "email": "colleague@example.com"}).status_code == 503


def test_an_address_that_tries_everybody_is_stopped_too(gateway, monkeypatch):
    monkeypatch.setenv("RAPPORT_RATE_LIMITS", "on")
    visitor = create_app().test_client()
    statuses = [visitor.post("/v1/sessions", json={"email": f"{n}@x.com"}).status_code for n in range(61)]
    assert statuses == [503] * 60 + [429]


@pytest.mark.requirement("C15", "G03", "G06")
@pytest.mark.parametrize(("door", "often"), [("/v1/public/signups", 20), ("/v1/member-codes", 10)])
def test_from_one_place_not_everybody_comes_at_once(gateway, monkeypatch, door, often):
    monkeypatch.setenv("RAPPORT_RATE_LIMITS", "on")
    visitor = create_app().test_client()
    statuses = [visitor.post(door, json={"first_name": "Gus"}).status_code for _ in range(often + 1)]
    assert statuses == [503] * often + [429]


@pytest.mark.requirement("G06", "G05")
def test_a_member_who_writes_without_end_has_to_wait_while_others_write_and_they_may_look(gateway, monkeypatch):
    monkeypatch.setenv("RAPPORT_RATE_LIMITS", "on")
    app = create_app()
    app.extensions["notices"].learn({"ended_sessions": [], "changed_members": []})
    visitor = app.test_client()

    def signed_in(number: int, role: str = "member") -> dict[str, str]:
        id = f"01a20404-0000-7000-8000-{number:012}"
        token = sign(SECRET, id=id, role=role, name="Ada", audience=FOR_GATEWAY)
        return {"Authorization": f"Bearer {token}"}

    def status_of(method: str, headers: dict[str, str]) -> int:
        return visitor.open(
            "/v1/orders", method=method, json={} if method == "POST" else None, headers=headers
        ).status_code

    assert [status_of("POST", signed_in(1)) for _ in range(61)] == [503] * 60 + [429]
    refused = visitor.post("/v1/orders", json={}, headers=signed_in(1))
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert (status_of("GET", signed_in(1)), status_of("POST", signed_in(2))) == (503, 503)
    assert status_of("POST", signed_in(1, "owner")) == 503
