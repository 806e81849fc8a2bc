"""Secrets and passwords are changed while people work, as docs/operations.md has it, and nobody is shown out."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from sqlalchemy.engine import make_url

from chassis.ids import new_id
from tests.builders.people import a_person
from tests.builders.visitors import Visitors
from tests.builders.waiting import eventually
from tests.faults.busy import busy
from tests.house.keeper import Servers
from tests.house.living import OWNER, LivingHouse, manage, superuser
from tests.house.web import Api

PASSWORD = "another-one-for-both"


@pytest.fixture
def second(servers: Servers) -> Iterator[str]:
    """The name of a second role at PostgreSQL and of a second user at RabbitMQ, beside the first of each."""
    name, first = f"second{os.getpid()}", make_url(servers.database_url).username
    with superuser(servers) as connection:
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE {first}")
        connection.exec_driver_sql(f"ALTER ROLE {name} SET ROLE {first}")
        manage(servers, "PUT", f"users/{name}", {"password": PASSWORD, "tags": ""})
        yield name
        manage(servers, "DELETE", f"users/{name}")
        connection.exec_driver_sql(f"DROP ROLE {name}")


def passwords_of(second: str, house: LivingHouse) -> dict[str, str]:
    """What processes are told that are to log in by the second names, who may do what the first may."""
    all_of_it = dict.fromkeys(("configure", "write", "read"), ".*")
    manage(house.servers, "PUT", f"permissions/{house.name}/{second}", all_of_it)
    broker = urlsplit(house.env["RAPPORT_AMQP_URI"])
    database = make_url(f"{house.env['RAPPORT_DATABASE_URL']}_contacts").set(username=second, password=PASSWORD)
    return {
        "RAPPORT_AMQP_URI": broker._replace(netloc=f"{second}:{PASSWORD}@{broker.hostname}:{broker.port}").geturl(),
        "RAPPORT_CONTACTS_DATABASE_URL": database.render_as_string(hide_password=False),
    }


def who_is_logged_in(house: LivingHouse) -> set[str | None]:
    """Everybody's names at the database and the broker, but for ours; of a new connection the broker tells none yet."""
    with superuser(house.servers) as connection:
        asked = "SELECT usename FROM pg_stat_activity WHERE datname = %s AND application_name LIKE 'rapport%%'"
        names = set(connection.exec_driver_sql(asked, (f"{house.name}_contacts",)).scalars())
    return names | {each.get("user") for each in manage(house.servers, "GET", f"vhosts/{house.name}/connections")}


def roll_out(
    house: LivingHouse, visitors: Visitors, secret: str, *accepted: str, between: Callable[[], object] = lambda: None
) -> None:
    """Replace every process by one that is told these; the gateway last, when nobody comes to the old one any more."""
    house.house.env |= {"RAPPORT_SECRET": secret, "RAPPORT_SECRETS_ACCEPTED": ",".join(accepted)}
    house.replace("contacts-all")
    between()
    house.replace("gateway", before=visitors.all_moved)


@pytest.mark.requirement("G02", "O04")
def test_nobody_is_shown_out_and_nothing_is_done_twice_while_secret_and_passwords_are_changed(a_house, second) -> None:
    house = a_house(services=["contacts"], gateway=True)
    old, new = house.secret, secrets.token_urlsafe(48)
    signed_in = house.api().post("/sessions", json={name: OWNER[name] for name in ("email", "password")}).json()
    bearer = {"Authorization": f"Bearer {signed_in['access_token']}"}
    lead, key = a_person(enter_as="lead", assigned_to=house.owner["id"]), new_id()
    refused: list[str] = []
    visitors = Visitors(lambda: house.house.url)

    def ask(method: str, path: str, **more: object) -> dict:
        with visitors.on_the_way() as url:
            answer = Api(url).request(method, path, headers=bearer, **more)
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
        roll_out(house, visitors, old, new)
        renewed = renew(signed_in["refresh_token"])

        def the_answer_was_lost() -> None:
            with house.database("contacts").begin() as connection:  # just now, however long a roll-out takes
                connection.exec_driver_sql("UPDATE team_sessions SET renewed_at = now()")
            assert renew(signed_in["refresh_token"])["refresh_token"] == renewed["refresh_token"]

        house.house.env |= passwords_of(second, house)
        roll_out(house, visitors, new, old, between=the_answer_was_lost)
        bearer["Authorization"] = f"Bearer {renew(renewed['refresh_token'])['access_token']}"
    lead, key = a_person(enter_as="lead", assigned_to=house.owner["id"]), new_id()
    entered = ask("POST", "/contacts", json=lead, key=key)["id"]
    with busy(2, work, rest=0.02, patience=60):
        roll_out(house, visitors, new)
    assert refused == []
    house.calls.close()
    assert eventually(lambda: who_is_logged_in(house) == {second}), "the first role and user cannot be taken away yet"
    with_the_old = Api(house.house.url, signed_in["access_token"]).get(f"/contacts/{entered}")
    assert with_the_old.status_code == 401, "what the old secret signed is still believed"
