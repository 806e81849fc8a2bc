"""Our side of the nursery: asking it for processes, and handling them like any other."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from local import CHECKOUT, Trouble
from local.processes import Process, Running, started_at, wait_for

BIRTH_SECONDS = 60.0


class Nursery(Process):
    """The process that services are forked from, and what else these modules are the `main` of; started again when it
    has left."""

    def __init__(
        self, folder: Path, env: Mapping[str, str], checkout: Path = CHECKOUT, *, modules: Sequence[str] = ()
    ) -> None:
        command = [sys.executable, "-m", "local.nursery", *modules]
        super().__init__("nursery", command, folder, env=env, cwd=checkout, stdin=subprocess.PIPE)

    def ask(self, request: Mapping[str, object]) -> None:
        """Hand a request over; it is served when the nursery has imported everything."""
        if not self.alive():
            self.start()
        if not isinstance(self._running, subprocess.Popen) or self._running.stdin is None:
            raise Trouble("the nursery has no ear")
        self._running.stdin.write(json.dumps(request).encode() + b"\n")
        self._running.stdin.flush()


class Forked(Process):
    """A process out of the nursery: a service, or what else has a `main`."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        folder: Path,
        *,
        env: Mapping[str, str],
        nursery: Nursery,
        module: str = "chassis.run",
    ) -> None:
        super().__init__(name, arguments, folder, env=env)
        self.nursery = nursery
        self.module = module

    def _launch(self) -> Running:
        told = self.record.with_suffix(".told")
        told.unlink(missing_ok=True)
        asked = {"name": self.name, "module": self.module, "arguments": self.command, "env": self.env}
        self.nursery.ask(asked | {"log": str(self.log), "told": str(told)})
        wait_for(lambda: _lines(told) or not self.nursery.alive(), BIRTH_SECONDS, every=0.02)
        if not _lines(told):
            raise Trouble(f"{self.name} was not born:\n{self.nursery.tail()}")
        return Born(int(_lines(told)[0]), told)


class Born:
    """Somebody else's child, watched like our own: by its start tick, and by what its parent tells of its end."""

    def __init__(self, pid: int, told: Path) -> None:
        self.pid = pid
        self._told = told
        self._started = started_at(pid)

    def poll(self) -> int | None:
        """The exit code, negative for a signal, or None while it runs."""
        if self._started is not None and started_at(self.pid) == self._started:
            return None
        wait_for(lambda: len(_lines(self._told)) > 1, 1.0, every=0.01)
        end = _lines(self._told)[1:]
        return int(end[0].removeprefix("exit ")) if end else -1  # the nursery went first and could not tell

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        seconds = 10.0**9 if timeout is None else timeout
        if not wait_for(lambda: self.poll() is not None, seconds):
            raise subprocess.TimeoutExpired("a forked service", seconds)
        return self.poll() or 0


def _lines(path: Path) -> list[str]:
    """The whole lines of a file that somebody else writes."""
    text = path.read_text() if path.exists() else ""
    return text[: text.rfind("\n") + 1].splitlines()
