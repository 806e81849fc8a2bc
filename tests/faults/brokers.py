"""A broker to be hurt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.rabbitmq import RabbitMQ


@contextmanager
def a_broker(folder: Path, **choices: Any) -> Iterator[RabbitMQ]:
    """A node of its own in that folder; it is killed afterwards, in whatever state it was left."""
    node = RabbitMQ(folder, **choices)
    node.start()
    node.wait()
    yield node
    node.kill()
    if node.epmd:
        node.epmd.kill()
