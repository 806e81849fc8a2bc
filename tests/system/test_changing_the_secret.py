"""The secret that signs tokens is changed while people work, as docs/operations.md has it, and nobody is shown out."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

import pytest

from chassis.ids import new_id
from tests.builders.people import a_person
from tests.faults.busy import busy
from tests.house.living import OWNER, LivingHouse
from tests.house.web import Api


def roll_out(house: LivingHouse, secret: str, *accepted: str, between: Callable[[], object] = lambda: None) -> None:
    """Replace every process by one that is told these; the gateway last."""
    house.house.env |= {"RAPPORT_SECRET": secret, "RAPPORT_SECRETS_ACCEPTED": ",".join(accepted)}
    house.replace("contacts-all")
    between()
    house.replace("gateway", before=lambda: time.sleep(0.5))


@pytest.mark.requirement("G02", "O04")
def test_nobody_is_shown_out_and_nothing_is_done_twice_while_the_secret_is_changed(a_house) -> None:
    house = a_house(services=["contacts"], gateway=True)
    old, new = house.secret, secrets.token_urlsafe(48)
    signed_in = house.api().post("/sessions", json={name: OWNER[name] for name in ("email", "password")}).json()
    bearer = {"Authorization": f"Bearer {signed_in['access_token']}"}
    lead, key = a_person(enter_as="lead", assigned_to=house.owner["id"]), new_id()
    refused: list[str] = []

    def ask(method: str, path: str, **more: object) -> dict:
        answer = Api(house.house.url).request(method, path, headers=bearer, **more)
        if answer.status_code >= 300:
            refused.append(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    entered = ask("POST", "/contacts", json=lead, key=key)["id"]

    def work() -> None:
        ask("GET", f"/contacts/{entered}")
        assert ask("POST", "/contacts", json=lead, key=key).get("id") == entered, refused

    def renew(token: str) -> dict:
        return ask("POST", "/sessions/refresh", json={"refresh_token": token})

    with busy(2, work, rest=0.02, patience=60):
        roll_out(house, old, new)
        renewed = renew(signed_in["refresh_token"])

        def the_answer_was_lost() -> None:
            with house.database("contacts").begin() as connection:  # just now, however long a roll-out takes
                connection.exec_driver_sql("UPDATE team_sessions SET renewed_at = now()")
            assert renew(signed_in["refresh_token"])["refresh_token"] == renewed["refresh_token"]

        roll_out(house, new, old, between=the_answer_was_lost)
        bearer["Authorization"] = f"Bearer {renew(renewed['refresh_token'])['access_token']}"
        time.sleep(0.2)  # what was asked with the token before
    lead, key = a_person(enter_as="lead", assigned_to=house.owner["id"]), new_id()
    entered = ask("POST", "/contacts", json=lead, key=key)["id"]
    with busy(2, work, rest=0.02, patience=60):
        roll_out(house, new)
    assert refused == []
    with_the_old = Api(house.house.url, signed_in["access_token"]).get(f"/contacts/{entered}")
    assert with_the_old.status_code == 401, "what the old secret signed is still believed"
