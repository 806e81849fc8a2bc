"""Gives every test the fixtures of `tests.house`; the servers are started when the first test wants them."""

from __future__ import annotations

from collections import Counter

import pytest
from eventlet.patcher import is_monkey_patched
from hypothesis import HealthCheck, settings
from xdist.remote import Producer

from tests.house.keeper import Keeper
from tests.house.sharing_out import ByHouse, longest_first

pytest_plugins = ["tests.house.fixtures"]
settings.register_profile("rapport", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rapport")  # a busy machine is no fault of the code
_keeper = pytest.StashKey[Keeper]()


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # pytest-xdist's workers share what the main process keeps
        config.stash[_keeper] = Keeper()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse what would stop the run or leave a test out without a word.

    Of two tests of one name pytest-xdist would run one; and in a process whose sockets are eventlet's it hears nothing.
    """
    if is_monkey_patched("socket"):
        raise pytest.UsageError("A test imports what makes the sockets of this process green, as chassis.run does.")
    twice = [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]
    if twice:
        raise pytest.UsageError(f"Several tests have the same name, so only one of each would be run: {twice}")
    items.sort(key=longest_first)


@pytest.hookimpl(optionalhook=True)  # pytest may be run without pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByHouse:
    """Share the tests out by house."""
    return ByHouse(config, log)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _keeper in config.stash:
        config.stash[_keeper].close()
