"""Everybody at RabbitMQ in their own name, with no more rights than they need: the house works, and nobody reaches far.

The queues are quorum queues where nobody says otherwise, as in production.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from amqp.exceptions import AccessRefused

from chassis import rights, topology
from chassis.broker import Outgoing, Publisher, connect, discard
from chassis.config import SERVICES
from chassis.migrate import listeners_of, patiently, service_class
from chassis.relay import declare_exchange, exchange_of
from chassis.rights import Rights
from chassis.wire import RPC_EXCHANGE
from contracts.documents import agreements
from gateway import notices
from local import welcome
from local.house import House
from local.processes import Process
from tests.builders.waiting import eventually
from tests.deploy.rendering import FIRST_ACCOUNT, PRODUCTION, container_of, of_kind
from tests.house.keeper import Servers
from tests.house.living import LivingHouse, make_virtual_host, manage
from tests.house.web import Api

GATEWAY = rights.of_asker("gateway-notices-", [notices.EXCHANGE.partition(".")[0]])
USERS = {service: rights.of_service(service) for service in SERVICES} | {
    "gateway": GATEWAY,
    "partner": rights.of_subscriber("partner", SERVICES),
}


@dataclass
class Broker:
    """A virtual host with a user for each."""

    servers: Servers
    name: str

    def open(self, *, exchanges: Iterable[str] = (RPC_EXCHANGE, *map(exchange_of, SERVICES))) -> None:
        quorum = {"name": self.name, "default_queue_type": "quorum", "metadata": {"default_queue_type": "quorum"}}
        manage(self.servers, "POST", "definitions", {"vhosts": [quorum]})
        make_virtual_host(self.servers, self.name)
        for exchange in exchanges:
            told = {"type": "topic", "durable": True, "auto_delete": False}
            manage(self.servers, "PUT", f"exchanges/{self.name}/{exchange}", told)
        for user, may in USERS.items():
            self._let_in(user, may)

    def _let_in(self, user: str, may: Rights) -> None:
        name = self.user(user)
        manage(self.servers, "PUT", f"users/{name}", {"password": "secret", "tags": ""})
        told = {"configure": may.configure, "write": may.write, "read": may.read}
        manage(self.servers, "PUT", f"permissions/{self.name}/{name}", told)
        calls = {"exchange": RPC_EXCHANGE, "write": ".*", "read": may.calls}
        manage(self.servers, "PUT", f"topic-permissions/{self.name}/{name}", calls)

    def user(self, name: str) -> str:
        return f"{name}-{self.name}"

    def uri(self, user: str) -> str:
        address = self.servers.amqp_uri.rpartition("@")[2].partition("/")[0]
        return f"pyamqp://{self.user(user)}:secret@{address}/{self.name}"

    def channel(self, user: str, closing: ExitStack) -> Any:
        raw = connect(self.uri(user))
        closing.callback(discard, raw)
        return raw.channel()

    def close(self) -> None:
        manage(self.servers, "DELETE", f"vhosts/{self.name}")
        for user in USERS:
            manage(self.servers, "DELETE", f"users/{self.user(user)}")


@pytest.fixture(scope="module")
def broker(servers: Servers) -> Iterator[Broker]:
    broker = Broker(servers, f"users{os.getpid()}")
    with closing(broker):
        broker.open()
        yield broker


class _Processes(House):
    """Each comes to the broker in the name of its service, the gateway in its own."""

    broker: Broker

    def start_one(self, name: str) -> Process:
        self.env["RAPPORT_AMQP_URI"] = self.broker.uri(name.partition("-")[0])
        return super().start_one(name)


class NamedHouse(LivingHouse):
    """The five services and the gateway, each a user of its own."""

    def __init__(self, servers: Servers, broker: Broker) -> None:
        super().__init__(servers, gateway=True, settings={"RAPPORT_AMQP_URI": broker.uri("gateway")})
        own_port, nursery = self.house.gateway_port, self.house.nursery
        self.house = _Processes(self.folder, self.env, roles=self.house.roles, gateway_port=own_port, nursery=nursery)
        self.house.broker = broker

    def prepare(self, module: str, *services: str) -> None:
        """Let each declare its own queues."""
        asking = self.env["RAPPORT_AMQP_URI"]
        for service in services:
            self.env["RAPPORT_AMQP_URI"] = self.house.broker.uri(service)
            super().prepare(module, service)
        self.env["RAPPORT_AMQP_URI"] = asking


@pytest.fixture(scope="module")
def at_work(broker: Broker, servers: Servers) -> Iterator[Api]:
    """The five services, migrated and at work each in its own name, and the gateway in front."""
    with closing(NamedHouse(servers, broker)) as house:
        yield house.open().api()


@pytest.mark.requirement("O02")
def test_the_house_works_when_everybody_may_do_what_is_theirs_alone(at_work, broker):
    given = {"kind": "person", "enter_as": "lead", "first_name": "Ana", "source": "walk-in"}
    given["assigned_to"] = at_work.get("/me").json()["id"]
    with ExitStack() as stack:
        partner = broker.channel("partner", stack)
        partner.queue_declare("partner.heard", exclusive=True)
        partner.queue_bind("partner.heard", exchange_of("contacts"), "contact.created")
        contact = at_work.post("/contacts", json=given)
        assert contact.status_code == 201, contact.text
        heard = eventually(lambda: partner.basic_get("partner.heard"))
    assert heard.headers["ce-subject"] == contact.json()["id"]
    eventually(lambda: at_work.get(f"/leads/{contact.json()['id']}").status_code == 200)


@pytest.mark.requirement("O02")
def test_the_first_account_is_made_by_its_job(at_work, broker, monkeypatch, tmp_path):
    (job,) = of_kind(FIRST_ACCOUNT, "Job")
    *command, folder, without_demo = container_of(job)["command"]
    assert (command, folder) == (["python", "-m", "local.welcome"], "/tmp")
    for name, value in {"RAPPORT_AMQP_URI": broker.uri("gateway"), "RAPPORT_SECRET": broker.servers.secret}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RAPPORT_OWNER_EMAIL", "first@rapport.example")
    monkeypatch.setenv("RAPPORT_OWNER_PASSWORD", "as the Secret says")
    assert welcome.main([str(tmp_path), without_demo]) == 0
    at_work.as_("first@rapport.example", "as the Secret says")


@pytest.mark.requirement("O02")
def test_what_is_asked_and_what_is_told_is_kept_three_times(at_work, broker):
    """All but what one process of the gateway hears, which takes another queue when its own is away."""

    def named(*, quorum: bool) -> set[str]:
        found = manage(broker.servers, "GET", f"queues/{broker.name}")
        return {queue["name"] for queue in found if (queue.get("type") == "quorum") is quorum}

    assert {f"rpc-{service}" for service in SERVICES} < named(quorum=True)
    # What belonged to a connection that was closed just now may be told of for a moment longer.
    eventually(lambda: all(name.startswith("gateway-notices-") for name in named(quorum=False)))
    assert not any(name.startswith("gateway-notices-") for name in named(quorum=True))


@pytest.mark.requirement("O02")
def test_what_cannot_be_read_is_parked_in_the_listeners_own_name(at_work, broker):
    everybodys = Publisher(broker.servers.virtual_host(broker.name))
    with closing(everybodys):
        everybodys.publish([Outgoing(exchange_of("contacts"), "contact.lifecycle_changed", "no JSON", {})])

    def parked() -> int:
        raw = connect(broker.servers.virtual_host(broker.name))
        with ExitStack() as stack:
            stack.callback(discard, raw)
            return raw.channel().queue_declare(topology.parked_queue_of("pipeline"), passive=True).message_count

    assert eventually(parked) >= 1


@pytest.mark.requirement("O02")
def test_who_listens_waits_until_the_owner_of_an_exchange_has_made_it(servers, capsys):
    early = Broker(servers, f"early{os.getpid()}")
    tries = []

    def listen() -> None:
        tries.append(1)
        with ExitStack() as stack:
            if len(tries) == 2:
                declare_exchange(early.channel("documents", stack), "documents")
            channel = early.channel("contacts", stack)
            topology.declare_service(channel, "contacts", (1,))
            topology.declare_listener(channel, "contacts", "hear_of_it", [agreements.agreement_signed])

    with closing(early):
        early.open(exchanges=[])
        patiently(listen, "contacts: no broker yet")
    assert len(tries) == 2
    assert "no exchange 'documents.events'" in capsys.readouterr().err


OTHERS = [(one, another) for one in USERS for another in SERVICES if one != another]


@pytest.mark.requirement("O02")
@pytest.mark.parametrize(("one", "another"), OTHERS)
def test_nobody_announces_in_the_name_of_another(broker, one, another):
    publisher = Publisher(broker.uri(one))
    with closing(publisher), pytest.raises(AccessRefused):
        publisher.publish([Outgoing(exchange_of(another), "contact.created", "{}", {})])


REACHES = {
    "take away another's exchange": lambda channel: channel.exchange_delete("contacts.events"),
    "take away the way of the calls": lambda channel: channel.exchange_delete(RPC_EXCHANGE),
    "make a queue of another's name": lambda channel: channel.queue_declare("contacts.of_mine"),
    "read another's queue": lambda channel: channel.basic_consume(topology.parked_queue_of("contacts")),
    "empty another's queue": lambda channel: channel.queue_purge(topology.parked_queue_of("contacts")),
}


@pytest.mark.requirement("O02")
@pytest.mark.parametrize("user", ["billing", "gateway", "partner"])
@pytest.mark.parametrize("reach", REACHES)
def test_nobody_reaches_what_is_anothers(at_work, broker, user, reach):
    with ExitStack() as stack, pytest.raises(AccessRefused):
        REACHES[reach](broker.channel(user, stack))


@pytest.mark.requirement("O02")
@pytest.mark.parametrize("key", ["contacts.*", "#", "*.*"])
def test_a_service_hears_no_calls_to_another(broker, key):
    with ExitStack() as stack:
        channel = broker.channel("billing", stack)
        channel.queue_declare("billing.of_mine", durable=True, auto_delete=False)
        with pytest.raises(AccessRefused):
            channel.queue_bind("billing.of_mine", RPC_EXCHANGE, key)


SCALED = {thing["metadata"]["name"]: thing["spec"]["triggers"][0] for thing in of_kind(PRODUCTION, "ScaledObject")}


@pytest.mark.requirement("O02")
@pytest.mark.parametrize("service", SERVICES)
def test_the_scaler_sees_what_waits_for_each_service_and_may_do_nothing(at_work, broker, service):
    """Asks as KEDA does (pkg/scalers/rabbitmq_scaler.go), as a user that has nothing but the tag of its manifest."""
    (user,) = [thing["spec"] for thing in of_kind(PRODUCTION, "User") if thing["metadata"]["name"] == "scaler"]
    manage(
        broker.servers, "PUT", f"users/{broker.user('scaler')}", {"password": "secret", "tags": ",".join(user["tags"])}
    )
    told = {"configure": "^$", "write": "^$", "read": "^$"}
    manage(broker.servers, "PUT", f"permissions/{broker.name}/{broker.user('scaler')}", told)

    def seen(name: str) -> set[str]:
        asked = {"page": 1, "use_regex": "true", "pagination": "false", "name": name, "page_size": 500}
        url = f"http://{urlsplit(broker.servers.management_url).netloc.rpartition('@')[2]}/api/queues/{broker.name}"
        answer = requests.get(url, params=asked, auth=(broker.user("scaler"), "secret"), timeout=20)
        assert answer.status_code == 200, answer.text
        assert answer.json()["page_count"] == 1
        return {queue["name"] for queue in answer.json()["items"]}

    assert seen(SCALED[f"{service}-rpc"]["metadata"]["queueName"]) == {f"rpc-{service}"}
    listeners = {topology.queue_of(service, door) for door in listeners_of(service_class(service))}
    assert seen(SCALED[f"{service}-events"]["metadata"]["queueName"]) - {f"{service}.of_mine"} == listeners
    with closing(Publisher(broker.uri("scaler"))) as publisher, pytest.raises(AccessRefused):
        publisher.publish([Outgoing("", f"rpc-{service}", "{}", {})])
