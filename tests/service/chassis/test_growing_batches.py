"""A listener begins with one event and takes twice as many each time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from chassis.events import _Loop
from chassis.service import Runtime


@pytest.mark.requirement("O04")
def test_a_new_process_commits_something_soon(idle_service: Runtime) -> None:
    door = SimpleNamespace(method_name="listen", told=(), reaction=None, gather=0.0, most=8)
    loop = _Loop(idle_service, door)  # type: ignore[arg-type]
    sizes: list[int] = []

    def apply(batch: list[Any]) -> None:
        sizes.append(len(batch))
        loop.stopping = sum(sizes) == 30

    loop._apply_all = apply  # type: ignore[method-assign]
    for number in range(30):
        loop._arrived.put(number)
    loop.run()
    assert sizes == [1, 2, 4, 8, 8, 7]
