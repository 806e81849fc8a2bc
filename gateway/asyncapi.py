"""The events as an AsyncAPI 3.0 document, made of the contracts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from contracts.catalogue import all_events
from contracts.language import Event
from gateway.openapi import as_yaml
from gateway.schemas import Shelf, own_words, sentence

FILE = Path(__file__).parent.parent / "docs" / "asyncapi.yaml"
ABOUT = """Every change is announced on a durable topic exchange, `<service>.events`, its type being the routing key:
CloudEvents 1.0 in binary mode, the body is the data, the attributes are headers. Delivered at least once: the id
tells a repetition. `ce-sequence` counts one service's events without a gap. The same events can be read by HTTP, from
any position, at `/v1/events`."""
TEXT = {"type": "string"}
HEADERS = {
    "type": "object",
    "required": ["ce-specversion", "ce-id", "ce-source", "ce-type", "ce-time", "ce-sequence"],
    "properties": {
        "ce-specversion": {"type": "string", "const": "1.0"},
        "ce-id": {"type": "string", "format": "uuid"},
        "ce-source": TEXT,
        "ce-type": TEXT,
        "ce-subject": {"type": "string", "description": "the id of the contact that it is about"},
        "ce-time": {"type": "string", "format": "date-time"},
        "ce-sequence": {"type": "string", "description": "the position in the service's log"},
    },
}


def document() -> dict[str, Any]:
    shelf = Shelf("Rapport's events", ABOUT, [], [event.data for event in all_events()])
    payloads = {event: shelf.schema_of(event.data) for event in all_events()}
    info = shelf.spec.to_dict()["info"]
    return {
        "asyncapi": "3.0.0",
        "info": {**info, "tags": [{"name": service} for service in sorted({event.service for event in payloads})]},
        "defaultContentType": "application/json",
        "channels": {_name(event): _channel(event) for event in payloads},
        "operations": {f"announce_{_name(event)}": _operation(event) for event in payloads},
        "components": {
            "messages": {_name(event): _message(event, payload) for event, payload in payloads.items()},
            "messageTraits": {"cloudEvent": {"contentType": "application/json", "headers": HEADERS}},
            "schemas": shelf.document()["components"]["schemas"],
        },
    }


def _name(event: Event) -> str:
    return f"{event.service}_{event.type.replace('.', '_')}"


def _channel(event: Event) -> dict[str, Any]:
    exchange = {"name": f"{event.service}.events", "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": event.type,
        "messages": {_name(event): {"$ref": f"#/components/messages/{_name(event)}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _operation(event: Event) -> dict[str, Any]:
    channel = f"#/channels/{_name(event)}"
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{_name(event)}"}],
        "bindings": {"amqp": {"deliveryMode": 2, "bindingVersion": "0.3.0"}},
    }


def _message(event: Event, payload: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {
        "name": event.type,
        "summary": sentence(event.about) or own_words(event.data),
        "tags": [{"name": event.service}],
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": payload,
    }
    if event.personal:
        message["x-personal-data"] = list(event.personal)
    return {name: value for name, value in message.items() if value}


if __name__ == "__main__":
    FILE.write_text(as_yaml(document()), encoding="utf-8")
