"""Which tests one worker runs in a row: those that live in the same house, so that it is built once a run."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

IN_ONE_HOUSE = ("tests/faults/", "tests/service/documents/", "tests/service/notifications/")
"""Folders with a house of their own; as for the faults, those that happen side by side would blame each other."""
FIRST = ("tests/faults/", "tests/system/test_schemathesis", "tests/system/test_the_journey")
LAST = ("tests/unit/", "tests/architecture/")


class ByHouse(LoadScopeScheduling):
    """Gives a worker a whole file at a time, or a whole folder that has one house."""

    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # the number of a file's tests says little about its length

    def _split_scope(self, nodeid: str) -> str:
        folder = next((folder for folder in IN_ONE_HOUSE if nodeid.startswith(folder)), None)
        return folder or nodeid.partition("::")[0]


def longest_first(item: pytest.Item) -> int:
    """What takes minutes, then all that needs a house, then short files, so that the workers end at the same time."""
    if item.nodeid.startswith(FIRST):
        return 0
    return 2 if item.nodeid.startswith(LAST) else 1
