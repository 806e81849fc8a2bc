"""What each may do at RabbitMQ: make what is its own, write where it speaks, read what it hears.

`python -m chassis.rights [virtual host]` says it for all services, as rabbitmqctl takes it; deploy/k8s says the same.
One hole is RabbitMQ's own: answers go by the default exchange, and who may write there reaches any queue by its name.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass

from chassis.config import SERVICES
from chassis.migrate import listeners_of, service_class
from chassis.relay import exchange_of
from chassis.wire import RPC_EXCHANGE

DEFAULT_EXCHANGE = "amq.default"


@dataclass(frozen=True)
class Rights:
    """Regular expressions over the names of queues and exchanges; `calls` over what is bound to the calls' exchange."""

    configure: str
    write: str
    read: str
    calls: str = "^$"


def of_service(service: str) -> Rights:
    """A service makes and writes its own, asks and answers, and reads the events that its listeners hear."""
    own = [rf"{service}\..*", f"rpc-{service}"]
    heard = {event.service for door in listeners_of(service_class(service)).values() for event in door.told}
    return Rights(
        configure=_one_of(own),
        write=_one_of([*own, _plain(RPC_EXCHANGE), _plain(DEFAULT_EXCHANGE)]),
        read=_one_of([*own, _plain(RPC_EXCHANGE), *_exchanges(heard - {service})]),
        calls=rf"^{service}\.\*$",
    )


def of_asker(prefix: str, heard: Iterable[str]) -> Rights:
    """Who asks and hears, answers nobody and announces nothing: the gateway."""
    own = [f"{prefix}.*"]
    return Rights(_one_of(own), _one_of([*own, _plain(RPC_EXCHANGE)]), _one_of([*own, *_exchanges(heard)]))


def of_subscriber(name: str, heard: Iterable[str]) -> Rights:
    """Who hears only, on queues that begin with its name."""
    own = [rf"{name}\..*"]
    return Rights(_one_of(own), _one_of(own), _one_of([*own, *_exchanges(heard)]))


def _exchanges(services: Iterable[str]) -> list[str]:
    return [_plain(exchange_of(service)) for service in SERVICES if service in services]


def _plain(name: str) -> str:
    return name.replace(".", r"\.")


def _one_of(names: list[str]) -> str:
    return f"^({'|'.join(names)})$"


def main(arguments: list[str]) -> int:
    """Say the rights of all services."""
    host = arguments[0] if arguments else "rapport"
    for service in SERVICES:
        may = of_service(service)
        print(f"rabbitmqctl set_permissions -p {host} {service} '{may.configure}' '{may.write}' '{may.read}'")
        print(f"rabbitmqctl set_topic_permissions -p {host} {service} {RPC_EXCHANGE} '.*' '{may.calls}'")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
