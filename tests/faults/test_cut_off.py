"""Connections that are seldom used are cut while nobody looks; what is published then waits, and is not forgotten."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from local.processes import wait_for
from tests.faults.probe.contract import mark_stumbling
from tests.faults.probe.house import ProbeHouse
from tests.house.living import manage

pytestmark = pytest.mark.requirement("O03")


def cut_what_only_publishes(probe: ProbeHouse) -> int:
    """Close every connection of the house by which nothing is consumed; how many there were."""
    details = [consumer["channel_details"] for consumer in manage(probe.servers, "GET", f"consumers/{probe.name}")]
    if not details or not all(details):  # of a new channel the broker tells no more than that it is there
        return 0
    consuming = {channel["connection_name"] for channel in details}
    connections = manage(probe.servers, "GET", f"vhosts/{probe.name}/connections")
    idle = [connection["name"] for connection in connections if connection["name"] not in consuming]
    for name in idle:
        manage(probe.servers, "DELETE", f"connections/{quote(name)}")
    return len(idle)


def test_a_listener_that_fails_behind_a_cut_connection_is_tried_again(probe: ProbeHouse, times: int) -> None:
    for n in range(times):
        before, after = f"before the cut {n}", f"after the cut {n}"
        probe.tell(mark_stumbling, before, times=1)
        assert wait_for(lambda: before in probe.effects("stumble"), 15)  # noqa: B023
        assert wait_for(lambda: cut_what_only_publishes(probe), 15), "there was nothing to cut"
        probe.tell(mark_stumbling, after, times=1)
        assert wait_for(lambda: after in probe.effects("stumble"), 15), "the event is stuck"  # noqa: B023
