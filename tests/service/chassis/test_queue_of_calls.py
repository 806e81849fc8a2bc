"""Calls wait in a queue of the virtual host's kind, and in what another version made where that is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import amqp
import pytest
from amqp.exceptions import PreconditionFailed

from chassis.broker import connect, discard
from chassis.rpc import declare_queue, queue_of
from chassis.wire import RPC_EXCHANGE
from tests.house.keeper import Servers
from tests.house.living import make_quorum_host, make_virtual_host, manage

pytestmark = pytest.mark.requirement("O02", "O04")
CALLS = queue_of("billing")
AS_BEFORE_0712 = {"x-expires": 60_000, "x-queue-type": "classic"}


@pytest.fixture
def channel(servers: Servers) -> Iterator[Any]:
    """One in a virtual host like that of a cluster: what names no type of its own is a quorum queue."""
    name = f"calls_{os.getpid()}"
    make_quorum_host(servers, name)
    make_virtual_host(servers, name)
    raw = connect(servers.virtual_host(name))
    yield raw.channel()
    discard(raw)
    manage(servers, "DELETE", f"vhosts/{name}")


def declare_by_hand(channel: Any, arguments: dict[str, Any]) -> None:
    channel.queue_declare(CALLS, durable=True, auto_delete=False, arguments=arguments)


@pytest.mark.parametrize("arguments", [AS_BEFORE_0712, {"x-expires": 90_000}], ids=["a type", "another time"])
def test_a_queue_that_another_version_made_is_used_as_it_is(channel: Any, arguments: dict[str, Any]) -> None:
    declare_by_hand(channel, arguments)
    declare_queue(channel, "billing")
    channel.basic_publish_confirm(amqp.Message("a call"), RPC_EXCHANGE, "billing.get_invoice")
    assert channel.basic_get(CALLS, no_ack=True).body == "a call"


def test_one_that_is_made_here_shuts_out_the_versions_before_0712_until_it_is_deleted(channel: Any) -> None:
    """Why going back over that version needs the commands in deploy/k8s/README.md."""
    declare_queue(channel, "billing")
    with pytest.raises(PreconditionFailed, match="x-queue-type"):
        declare_by_hand(channel.connection.channel(), AS_BEFORE_0712)
    channel.queue_delete(CALLS)
    declare_by_hand(channel, AS_BEFORE_0712)
