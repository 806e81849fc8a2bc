"""Who is believed, and who is not."""

from __future__ import annotations

import datetime as dt
import time

import jwt
import pytest
import time_machine

from chassis.actor import FOR_GATEWAY, FOR_SERVICES, NOBODY, Actor, Doorman, Signer, sign, verify
from contracts.access import API, INCLUDED, PERMISSIONS, ROLES
from contracts.errors import Forbidden, NotSignedIn
from contracts.language import PUBLIC, SIGNED_IN

SECRET = "a secret of more than thirty-two characters"
NOW = time.time()
CLAIMS = {
    "iss": "rapport", "aud": FOR_SERVICES, "sub": "1", "role": "owner", "iat": NOW, "exp": NOW + 60,
}  # fmt: skip


def _without(claim: str) -> dict[str, object]:
    return {name: value for name, value in CLAIMS.items() if name != claim}


def test_a_signed_token_names_its_bearer() -> None:
    actor = verify(SECRET, sign(SECRET, id="1", role="sales", name="Sam"))
    assert (actor.id, actor.role, actor.name) == ("1", "sales", "Sam")


@pytest.mark.parametrize(
    ("token", "why"),
    [
        (jwt.encode(CLAIMS, "x" * 40, algorithm="HS256"), "another secret"),
        (jwt.encode(CLAIMS, None, algorithm="none"), "no signature"),
        (jwt.encode(CLAIMS, SECRET * 2, algorithm="HS512"), "another algorithm"),
        (jwt.encode(CLAIMS | {"exp": NOW - 1}, SECRET, algorithm="HS256"), "expired"),
        (jwt.encode(CLAIMS | {"aud": FOR_GATEWAY}, SECRET, algorithm="HS256"), "for somebody else"),
        (jwt.encode(CLAIMS | {"iss": "mallory"}, SECRET, algorithm="HS256"), "of somebody else"),
        *((jwt.encode(_without(claim), SECRET, algorithm="HS256"), f"no {claim}") for claim in CLAIMS),
        ("", "empty"),
        ("a.b.c", "no token at all"),
    ],
)
def test_a_token_is_refused_that_is(token: str, why: str) -> None:
    with pytest.raises(NotSignedIn):
        verify(SECRET, token)


def test_a_token_of_a_secret_that_is_being_changed_is_believed_as_well() -> None:
    before = sign("the secret of last year, long enough", id="1", role="sales")
    assert verify(SECRET, before, accepted=["x" * 40, "the secret of last year, long enough"]).id == "1"
    with pytest.raises(NotSignedIn):
        verify(SECRET, before, accepted=["x" * 40])
    with pytest.raises(NotSignedIn):
        verify(SECRET, before, audience=FOR_GATEWAY, accepted=["the secret of last year, long enough"])


def test_a_remembered_token_is_forgotten_when_it_expires() -> None:
    doorman = Doorman(SECRET)
    with time_machine.travel(dt.datetime(2026, 1, 1, tzinfo=dt.UTC), tick=False) as clock:
        token = sign(SECRET, id="1", role="owner", lives=60)
        assert doorman.recognise(token).id == "1"
        clock.shift(61)
        with pytest.raises(NotSignedIn):
            doorman.recognise(token)


def test_without_a_token_one_is_nobody() -> None:
    assert Doorman(SECRET).recognise(None) is NOBODY


def test_a_service_asks_in_its_own_name() -> None:
    actor = verify(SECRET, Signer(SECRET, "billing").token())
    assert (actor.id, actor.role) == ("service:billing", "service")


@pytest.mark.parametrize(
    ("actor", "needs", "refusal"),
    [
        (NOBODY, PUBLIC, None),
        (NOBODY, SIGNED_IN, NotSignedIn),
        (NOBODY, "contacts.read", NotSignedIn),
        (Actor("1", "member"), SIGNED_IN, None),
        (Actor("1", "member"), "contacts.read", Forbidden),
        (Actor("1", "owner"), "contacts.read", None),
        (Actor("1", "owner"), "system", Forbidden),
        (Actor("1", "wizard"), "contacts.read", Forbidden),
        (Actor("1", "owner"), "no.such.permission", Forbidden),
    ],
)
def test_a_permission_is_asked_for(actor: Actor, needs: str, refusal: type[Exception] | None) -> None:
    if refusal is None:
        actor.permit(needs)
    else:
        with pytest.raises(refusal):
            actor.permit(needs)


def test_another_system_may_what_its_key_says_and_nobody_else_more_by_scopes() -> None:
    token = sign(SECRET, id="k", role=API, name="Website", scope="contacts.read contacts.write")
    website = verify(SECRET, token)
    assert [website.may(scope) for scope in ("contacts.read", "contacts.write", "team.read")] == [True, True, False]
    with pytest.raises(Forbidden, match="Your API key does not include"):
        website.permit("team.read")
    assert not Actor("1", "practitioner", scopes=frozenset({"team.manage"})).may("team.manage")
    assert not Actor("k", API).may("contacts.read")


def test_a_key_may_what_its_scopes_include_and_not_the_other_way_round() -> None:
    till, desk = (Actor("k", API, scopes=frozenset({scope})) for scope in ("billing.sell", "orders.buy"))
    assert (till.may("orders.buy"), till.may("purchases.read")) == (True, False)
    assert (desk.may("orders.buy"), desk.may("billing.sell")) == (True, False)
    assert all(permission in PERMISSIONS for each in INCLUDED.items() for permission in (each[0], *each[1]))


def test_nobody_but_the_services_may_do_what_the_system_does() -> None:
    assert [role for role, permissions in ROLES.items() if "system" in permissions] == ["service"]
