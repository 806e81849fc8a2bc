"""The verb `test`: the whole suite, in parallel; tests/house starts the servers that it needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from local import CHECKOUT
from local.installing import ensure_rabbitmq

PARALLEL = ["-n", os.environ.get("RAPPORT_TEST_WORKERS", "3"), "--dist", "loadscope"]
"""One more than the cores that there are at least: whoever hurts a server waits for it a good part of the time."""


def test(arguments: Sequence[str]) -> int:
    """Run pytest in our place; a `-n` among the arguments decides how parallel it is."""
    if ensure_rabbitmq():
        print("  installed rabbitmq-server", flush=True)
    chosen = any(argument.startswith(("-n", "--numprocesses")) for argument in arguments)
    command = [sys.executable, "-m", "pytest", *([] if chosen else PARALLEL), *arguments]
    os.chdir(CHECKOUT)
    os.execv(sys.executable, command)
