"""Gives every test the fixtures of `tests.house`; the servers are started when the first test wants them."""

from __future__ import annotations

import pytest

from tests.house.keeper import Keeper

pytest_plugins = ["tests.house.fixtures"]
_keeper = pytest.StashKey[Keeper]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # pytest-xdist's workers share what the main process keeps
        config.stash[_keeper] = Keeper()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _keeper in config.stash:
        config.stash[_keeper].close()
