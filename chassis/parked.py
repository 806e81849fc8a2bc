"""Deliveries that no retry could help: `python -m chassis.parked list | show ID | replay ID… | replay --all`.

A parked message is named by the id of its event, or by its place in the queue where it has none.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from chassis.broker import Outgoing, Publisher, connect, discard, is_there
from chassis.config import SERVICES, settings
from chassis.retries import ATTEMPT, ERROR, FIRST, LISTENER
from chassis.topology import parked_queue_of


@contextmanager
def _taken(service: str) -> Iterator[tuple[Any, list[Any]]]:
    """All messages parked by a service, held while we look; those not acknowledged return to their place."""
    raw = connect(settings().amqp_uri)
    try:
        channel = raw.channel()
        channel.queue_declare(parked_queue_of(service), durable=True, auto_delete=False)
        messages = []
        while (message := channel.basic_get(parked_queue_of(service))) is not None:
            messages.append(message)
        yield channel, messages
    finally:
        discard(raw)


def name_of(message: Any, place: int) -> str:
    """How a parked message is called."""
    return str(_headers(message).get("ce-id") or f"#{place}")


def list_parked(services: list[str]) -> list[dict[str, Any]]:
    """What is parked: name, listener, type of event, tries, first failure and last error."""
    found = []
    for service in services:
        with _taken(service) as (_, messages):
            for place, message in enumerate(messages):
                headers = _headers(message)
                found.append(
                    {
                        "service": service,
                        "id": name_of(message, place),
                        "listener": headers.get(LISTENER, ""),
                        "type": headers.get("ce-type", ""),
                        "tries": headers.get(ATTEMPT, 0),
                        "since": headers.get(FIRST, ""),
                        "error": headers.get(ERROR, ""),
                        "headers": headers,
                        "body": message.body,
                    }
                )
    return found


def replay(services: list[str], chosen: Callable[[str], bool]) -> tuple[int, Counter[str]]:
    """Give parked messages back to their listeners, to be tried anew; how many, and what stays as nobody hears it."""
    given, unheard = 0, Counter[str]()
    with closing(Publisher(settings().amqp_uri)) as publisher:
        for service in services:
            with _taken(service) as (channel, messages):
                for place, message in enumerate(messages):
                    if not chosen(name_of(message, place)):
                        continue
                    headers = _headers(message)
                    listener = str(headers.get(LISTENER, ""))
                    if not (listener and is_there(channel, listener)):  # the broker would take it, and drop it
                        unheard[listener] += 1
                        continue
                    fresh = {name: value for name, value in headers.items() if name not in (ATTEMPT, ERROR)}
                    publisher.publish([Outgoing("", listener, message.body, fresh)])
                    channel.basic_ack(message.delivery_info["delivery_tag"])
                    given += 1
    return given, unheard


def _headers(message: Any) -> dict[str, Any]:
    return message.properties.get("application_headers") or {}


def main(arguments: list[str]) -> int:
    """Carry out one of the verbs."""
    parser = argparse.ArgumentParser(prog="rapport parked", description=__doc__)
    parser.add_argument("verb", choices=["list", "show", "replay"])
    parser.add_argument("ids", nargs="*", metavar="ID")
    parser.add_argument("--all", action="store_true", help="with replay: all of them")
    parser.add_argument("--service", choices=SERVICES, action="append", help="only of this service; may be repeated")
    told = parser.parse_args(arguments)
    services = told.service or list(SERVICES)
    if told.verb == "replay":
        if not told.ids and not told.all:
            parser.error("name the ids, or --all")
        given, unheard = replay(services, lambda name: told.all or name in told.ids)
        print(f"{given} given back to their listeners")
        for listener, count in sorted(unheard.items()):
            print(f"{count} kept: there is no listener {listener or 'named in it'}")
        return 0
    found = list_parked(services)
    if told.verb == "show":
        found = [entry for entry in found if entry["id"] in told.ids]
    for entry in found:
        print(f"{entry['id']}  {entry['listener']}  {entry['type']}  tries {entry['tries']}  since {entry['since']}")
        print(f"    {entry['error']}")
        if told.verb == "show":
            for name, value in sorted(entry["headers"].items()):
                print(f"    {name}: {value}")
            print(f"    {entry['body']}")
    print(f"{len(found)} parked")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
