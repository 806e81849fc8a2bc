"""A broker that takes connections and says nothing: the caller is refused within the time that the call has."""

from __future__ import annotations

import socket
import time

import pytest

from chassis.calls import Calls
from contracts.errors import Unavailable
from contracts.language import PUBLIC, Rpc
from local.ports import LOOPBACK, free_port

ECHO = Rpc("nobody", "echoes", needs=PUBLIC, writes=False, deadline=0.5)


@pytest.mark.requirement("G06")
def test_the_deadline_holds_while_the_broker_is_silent():
    with socket.create_server((LOOPBACK, free_port())) as silent:
        calls = Calls(f"pyamqp://guest:guest@{LOOPBACK}:{silent.getsockname()[1]}//")
        begun = time.monotonic()
        with pytest.raises(Unavailable):
            calls.ask(ECHO, {})
        assert time.monotonic() - begun < 4
