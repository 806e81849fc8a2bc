"""Ports of our own: on the loopback, free, and below the range that the kernel gives to outgoing connections."""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
LOWEST, HIGHEST = 15800, 32700
STANDARD = {15672, 25672, 27017}
_given: set[int] = set()
_chance = random.SystemRandom()  # not `random` itself, which others seed: two processes would ask for the same ports


def is_free(port: int) -> bool:
    """Say whether nobody listens there, on the loopback or on every address."""
    for host in (LOOPBACK, "0.0.0.0"):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return False
    return True


def free_port(preferred: int | None = None) -> int:
    """Return the preferred port if it is free, else any free one: none twice in a process, for whoever was given it may
    not listen yet, and random, so that two processes that ask at once differ."""
    if preferred and is_free(preferred):
        return preferred
    for _ in range(1000):
        port = _chance.randrange(LOWEST, HIGHEST)
        if port not in STANDARD | _given and is_free(port):
            _given.add(port)
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST}")


def accepts(port: int) -> bool:
    """Say whether somebody answers there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
