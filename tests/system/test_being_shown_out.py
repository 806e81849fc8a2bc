"""Who was signed out, deactivated or given another role: every worker of the gateway knows it within a moment."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest
import requests

from tests.builders.people import an_email
from tests.builders.waiting import eventually
from tests.house.living import LivingHouse

PASSWORD = "a long password"
ENOUGH = 24
"""So many new connections find both workers."""


@pytest.fixture(scope="module")
def place(servers) -> Iterator[LivingHouse]:
    """Contacts and a gateway of two workers, to be started again as one likes."""
    living = LivingHouse(servers, services=["contacts"], gateway=True)
    try:
        yield living.open()
    finally:
        living.close()


@pytest.fixture
def colleague(place):
    """Somebody who works here, signed in: `.session`, `.member`, `.statuses(path)` of many connections at once."""
    return Colleague(place)


class Colleague:
    def __init__(self, place: LivingHouse, role: str = "admin") -> None:
        self.place, self.owner = place, place.api()
        account = {"email": an_email()["value"], "name": "Cy Colleague", "role": role, "password": PASSWORD}
        self.member = self.owner.post("/team-members", json=account).json()
        self.sign_in()

    def sign_in(self) -> None:
        credentials = {"email": self.member["email"], "password": PASSWORD}
        self.session = self.owner.as_nobody().post("/sessions", json=credentials).json()

    def statuses(self, path: str = "/me") -> list[int]:
        bearer = {"Authorization": f"Bearer {self.session['access_token']}", "Connection": "close"}
        url = f"{self.place.house.url}/v1{path}"
        return [requests.get(url, headers=bearer, timeout=10).status_code for _ in range(ENOUGH)]

    def change(self, **news) -> None:
        answer = self.owner.patch(f"/team-members/{self.member['id']}", json=news)
        assert answer.status_code == 200, answer.text

    def soon(self, status: int, path: str = "/me") -> bool:
        """Every worker answers so before a token could have expired, and goes on to."""
        return bool(eventually(lambda: set(self.statuses(path)) == {status}))


def open_gateway_again(place: LivingHouse) -> None:
    master = psutil.Process(place.process("gateway").pid)
    for process in (master, *master.children()):
        process.kill()
    place.process("gateway").gone()
    place.start_again("gateway")


@pytest.mark.requirement("G02")
def test_who_signs_out_is_out_and_a_new_gateway_knows_it_too(place, colleague):
    assert set(colleague.statuses()) == {200}
    elsewhere = Colleague(place)
    token = {"refresh_token": colleague.session["refresh_token"]}
    assert colleague.owner.as_nobody().post("/sessions/sign-out", json=token).status_code == 204
    assert colleague.soon(401)
    open_gateway_again(place)
    assert set(colleague.statuses()) == {401}, "a new gateway asks first"
    assert set(elsewhere.statuses()) == {200}
    colleague.sign_in()
    assert set(colleague.statuses()) == {200}


@pytest.mark.requirement("G09")
def test_who_is_deactivated_is_out_at_once_and_has_to_sign_in_when_back(place, colleague):
    colleague.change(active=False)
    assert colleague.soon(401)
    colleague.change(active=True)
    open_gateway_again(place)
    assert set(colleague.statuses()) == {401}, "the session of before stays over"
    colleague.sign_in()
    assert set(colleague.statuses()) == {200}


@pytest.mark.requirement("G05")
def test_another_role_counts_at_once_without_signing_in_again(place, colleague):
    assert set(colleague.statuses("/events?limit=1")) != {403}
    colleague.change(role="sales")
    assert colleague.soon(403, "/events?limit=1")
    assert set(colleague.statuses()) == {200}
    colleague.change(role="admin")
    open_gateway_again(place)
    assert 403 not in colleague.statuses("/events?limit=1")


@pytest.mark.requirement("G02")
def test_a_refresh_token_used_again_too_late_throws_out_the_thief(place, colleague):
    nobody = colleague.owner.as_nobody()
    stolen = {"refresh_token": colleague.session["refresh_token"]}
    for _ in range(2):  # the one before the last is too old, however young
        token = {"refresh_token": colleague.session["refresh_token"]}
        colleague.session = nobody.post("/sessions/refresh", json=token).json()
    assert set(colleague.statuses()) == {200}
    assert nobody.post("/sessions/refresh", json=stolen).status_code == 401
    assert colleague.soon(401)


@pytest.mark.requirement("G06")
def test_a_gateway_that_cannot_know_lets_nobody_in_until_it_does(place, colleague):
    assert set(colleague.statuses()) == {200}
    place.process("contacts").stop()
    open_gateway_again(place)
    bearer = {"Authorization": f"Bearer {colleague.session['access_token']}"}
    answer = requests.get(f"{place.house.url}/v1/tags", headers=bearer, timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "signed out" in answer.json()["detail"]
    began = time.monotonic()
    place.start_again("contacts")
    assert colleague.soon(200), time.monotonic() - began


@pytest.mark.requirement("G02")
def test_who_signs_out_is_out_also_when_nobody_announces_it(a_house):
    silent = Colleague(a_house(services=["contacts"], roles={"contacts": ("rpc",)}, gateway=True))
    assert set(silent.statuses()) == {200}
    token = {"refresh_token": silent.session["refresh_token"]}
    assert silent.owner.as_nobody().post("/sessions/sign-out", json=token).status_code == 204
    assert silent.soon(401)
