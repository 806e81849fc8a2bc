"""Who gets in: a valid token of this gateway, with a role that may; nobody else."""

import time

import jwt
import pytest

from chassis.actor import FOR_GATEWAY, FOR_SERVICES, sign, verify
from contracts.access import PERMISSIONS, ROLES
from contracts.language import PUBLIC, SIGNED_IN, Rpc
from gateway import permissions
from gateway.routes import all_routes
from gateway.routes.table import get
from tests.unit.gateway.conftest import SECRET

WHO = {"id": "01a20404-0000-7000-8000-000000000001", "role": "owner", "name": "Olga"}


def _claims(**changed):
    now = time.time()
    claims = {"iss": "rapport", "aud": FOR_GATEWAY, "sub": WHO["id"], "role": "owner", "iat": now, "exp": now + 60}
    return {name: value for name, value in (claims | changed).items() if value is not None}


TOKENS = {
    "made for the services": sign(SECRET, **WHO, audience=FOR_SERVICES),
    "signed by somebody else": sign("another secret, which is as long as ours", **WHO, audience=FOR_GATEWAY),
    "expired": sign(SECRET, **WHO, audience=FOR_GATEWAY, lives=-1),
    "unsigned": jwt.encode(_claims(), None, algorithm="none"),
    "of another algorithm": jwt.encode(_claims(), SECRET, algorithm="HS512"),
    "without an end": jwt.encode(_claims(exp=None), SECRET, algorithm="HS256"),
    "without a subject": jwt.encode(_claims(sub=None), SECRET, algorithm="HS256"),
    "without an audience": jwt.encode(_claims(aud=None), SECRET, algorithm="HS256"),
    "of another issuer": jwt.encode(_claims(iss="elsewhere"), SECRET, algorithm="HS256"),
    "no token": "abc",
    "binary": "a.\xff.b",
}


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS)
@pytest.mark.requirement("G02")
def test_a_token_that_proves_nothing_is_401(client, token):
    response = client.get("/v1/contacts", headers={"Authorization": f"Bearer {token}"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="rapport", error="invalid_token"'


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", ""])
def test_another_way_to_sign_in_is_401(client, header):
    assert client.get("/v1/contacts", headers={"Authorization": header}).status_code == 401


@pytest.mark.requirement("G05")
def test_every_role_gets_to_its_routes_and_to_no_other(gateway, client):
    for role, granted in ROLES.items():
        token = sign(SECRET, id=WHO["id"], role=role, name="x", audience=FOR_GATEWAY)
        for route in all_routes():
            if route.rpc.needs not in PERMISSIONS or route.rpc.needs in granted:
                continue
            path = permissions.PLACEHOLDER.sub(WHO["id"], route.rule)
            response = client.open(path, method=route.method, headers={"Authorization": f"Bearer {token}"})
            assert response.status_code == 403, (role, route.endpoint)
            assert response.get_json()["type"] == "/problems/forbidden"


def test_every_route_that_is_not_public_asks_who_is_there(client):
    for route in all_routes():
        path = permissions.PLACEHOLDER.sub(WHO["id"], route.rule)
        status = client.open(path, method=route.method).status_code
        assert (status == 401) == (route.rpc.needs != PUBLIC), route.endpoint


def test_the_public_doors_are_these():
    assert {route.endpoint for route in all_routes() if route.rpc.needs == PUBLIC} == {
        "post /v1/sessions",
        "post /v1/sessions/refresh",
        "post /v1/sessions/sign-out",
        "post /v1/member-codes",
        "post /v1/member-sessions",
        "post /v1/member-sessions/refresh",
        "post /v1/member-sessions/sign-out",
        "get /v1/public/agreements/<token>",
        "post /v1/public/agreements/<token>",
        "post /v1/public/agreements/<token>/decline",
        "get /v1/public/agreements/<token>/pdf",
        "get /v1/public/photos/<token>",
        "get /v1/public/referrals/<code>",
        "get /v1/public/buddy-passes/<code>",
        "post /v1/public/signups",
        "post /v1/public/webhooks/cards",
        "post /v1/public/test-bank",
    }


def test_the_services_see_a_token_of_their_own_that_lives_no_longer(gateway):
    reception = gateway.extensions["reception"]
    token = reception.access_token(**WHO, version=1, session="s1")
    actor = reception.doorman.recognise(token)
    badge = reception.badge_of(token, actor)
    shown = verify(SECRET, badge, audience=FOR_SERVICES)
    assert (shown.id, shown.role, shown.name) == (WHO["id"], "owner", "Olga")
    assert shown.claims["exp"] <= actor.claims["exp"] + 0.01
    assert reception.badge_of(token, actor) is badge


@pytest.mark.parametrize(
    ("needs", "why"),
    [("", "none"), ("contacts.raed", "a misspelt one"), ("system", "one that is not for people")],
)
@pytest.mark.requirement("G05")
def test_a_route_without_a_permission_stops_the_start(needs, why):
    with pytest.raises(SystemExit, match="GET /v1/secrets"):
        permissions.check([get("/secrets", Rpc("contacts", "secrets", needs=needs))])


def test_a_route_whose_contract_does_not_take_its_path_stops_the_start():
    with pytest.raises(SystemExit, match="takes no contact_id"):
        permissions.check([get("/x/<contact_id>", Rpc("contacts", "x", needs=SIGNED_IN))])
