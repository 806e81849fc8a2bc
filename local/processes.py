"""Processes that we start, and only those: each dies with its parent, and a later start recognises what is left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from local import Trouble

_setpriv = shutil.which("setpriv")


class Running(Protocol):
    """What we need of a running process; `subprocess.Popen` is one."""

    pid: int

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class Process:
    """One process, its log file and its record in `run/`; the record makes it known to the launcher after a crash."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stop_signal: int = signal.SIGTERM,
        privileges: Sequence[str] = (),
        stdin: int = subprocess.DEVNULL,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.folder = folder
        self.env = env
        self.cwd = cwd
        self.stop_signal = stop_signal
        self.privileges = list(privileges)
        self.stdin = stdin
        self.log = folder / "log" / f"{name}.log"
        self.record = folder / "run" / f"{name}.json"
        self._running: Running | None = None

    @property
    def pid(self) -> int:
        if self._running is None:
            raise Trouble(f"{self.name} was not started")
        return self._running.pid

    def start(self) -> Process:
        """Start it, from a thread that lives as long as the process shall: the kernel looks at the thread."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.record.parent.mkdir(parents=True, exist_ok=True)
        self._running = self._launch()
        record = {"pid": self.pid, "started": started_at(self.pid), "boot": boot_id(), "signal": self.stop_signal}
        self.record.write_text(json.dumps(record))
        return self

    def _launch(self) -> Running:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [*self._as_child(), *self.command],
                stdin=self.stdin,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.env) if self.env is not None else None,
                cwd=self.cwd,
                start_new_session=True,  # Ctrl-C in the terminal is for the launcher, which stops them in order
            )

    def _as_child(self) -> list[str]:
        if _setpriv is None:
            raise Trouble("setpriv is missing; it comes with Debian's util-linux: apt-get install util-linux")
        with_parent = signal.Signals(self.stop_signal).name.removeprefix("SIG")
        return [_setpriv, *self.privileges, "--pdeathsig", with_parent, "--"]

    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._running.poll() if self._running else None

    def signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.alive():
            os.kill(self.pid, number)

    def stop(self, seconds: float = 20) -> None:
        """Ask it to leave, wait, and insist; harmless when it is gone."""
        if self.alive():
            self.signal(signal.SIGCONT)
            self.signal(self.stop_signal)
        self.gone(seconds)

    def gone(self, seconds: float = 20) -> bool:
        """Wait until it left, and insist when it does not; say whether it left by itself."""
        if self._running is None:
            return True
        try:
            self._running.wait(seconds)
            by_itself = True
        except subprocess.TimeoutExpired:
            self.kill()
            by_itself = False
        self.record.unlink(missing_ok=True)
        return by_itself

    def kill(self) -> None:
        """kill -9, and wait until the kernel took it."""
        self.signal(signal.SIGKILL)
        if self._running:
            self._running.wait(10)

    def tail(self, lines: int = 15) -> str:
        """The last lines of its log, for a message about what went wrong."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""


def stop_all(processes: Sequence[Process], seconds: float = 20) -> list[str]:
    """Stop several at once, and wait for the slowest; answer with the names of those that had to be killed."""
    for process in processes:
        process.signal(signal.SIGCONT)
        process.signal(process.stop_signal)
    until = time.monotonic() + seconds
    return [process.name for process in processes if not process.gone(max(0.1, until - time.monotonic()))]


def stop_leftovers(folder: Path, seconds: float = 20) -> list[str]:
    """Stop what an earlier launcher could not stop; a pid that is somebody else's by now is left alone."""
    records = sorted((folder / "run").glob("*.json"))
    left = [record for path in records if (record := read_record(path)) and still_runs(record)]
    for record in left:
        signal_quietly(record["pid"], signal.SIGCONT)
        signal_quietly(record["pid"], record["signal"])
    if not wait_for(lambda: not any(map(still_runs, left)), seconds):
        for record in filter(still_runs, left):
            signal_quietly(record["pid"], signal.SIGKILL)
        wait_for(lambda: not any(map(still_runs, left)), 10)
    for path in records:
        path.unlink(missing_ok=True)
    return [record["name"] for record in left]


def read_record(path: Path) -> dict[str, Any] | None:
    """What an earlier launcher wrote about a process, if it is whole."""
    try:
        record = json.loads(path.read_text())
        return {"name": path.stem, **{key: record[key] for key in ("pid", "started", "boot", "signal")}}
    except (OSError, ValueError, KeyError):
        return None


def still_runs(record: dict[str, Any]) -> bool:
    """Say whether that very process still runs: the same pid, started at the same tick of the same boot."""
    return bool(record["boot"] == boot_id() and record["started"] == started_at(record["pid"]))


def started_at(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; with the pid it names one process for good (proc(5), 22)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if stat[0] in "ZX" else int(stat[19])


def boot_id() -> str:
    """Which run of the machine this is."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def signal_quietly(pid: int, number: int) -> None:
    """Signal a process that may have left meanwhile."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def wait_for(condition: Callable[[], object], seconds: float, every: float = 0.05) -> bool:
    """Wait until the condition holds, at most so long; say whether it does."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(every)
    return True
