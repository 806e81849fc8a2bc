"""Connections that are seldom used are cut while nobody looks; what is published then waits, and is not forgotten."""

from __future__ import annotations

from http import HTTPStatus
from urllib.error import HTTPError
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
    return sum(_cut(probe, one["name"]) for one in connections if one["name"] not in consuming)


def _cut(probe: ProbeHouse, connection: str) -> bool:
    """Whether it was there to be cut: what was closed by itself is told of for some seconds more."""
    try:
        manage(probe.servers, "DELETE", f"connections/{quote(connection)}")
    except HTTPError as refused:
        if refused.code != HTTPStatus.NOT_FOUND:
            raise
        return False
    return True


def test_a_listener_that_fails_behind_a_cut_connection_is_tried_again(probe: ProbeHouse, times: int) -> None:
    for n in range(times):
        before, after = f"before the cut {n}", f"after the cut {n}"
        probe.tell(mark_stumbling, before, times=1)
        assert wait_for(lambda: before in probe.effects("stumble"), 30)  # noqa: B023
        assert wait_for(lambda: cut_what_only_publishes(probe), 30), "there was nothing to cut"
        probe.tell(mark_stumbling, after, times=1)
        assert wait_for(lambda: after in probe.effects("stumble"), 30), "the event is stuck"  # noqa: B023
