"""Starting many service processes for the price of one: they are forked from a process that has imported everything.

On a machine with two cores the imports of eleven services take ten seconds; a fork takes a hundredth of one. What is
forked is `chassis.run` itself, with its own environment, log file and session; it dies with this process as this one
dies with the launcher. In production every process is started by itself: `python -m chassis.run`.

Requests come as lines of JSON on stdin, `{"name", "module", "arguments", "env", "log", "told"}`; the module's `main` is
called with the arguments. The pid is written to `told`, and `exit <code>` behind it when the process has left.
"""

from __future__ import annotations

import chassis.run  # noqa: F401  # isort: skip  (it makes the sockets green before anything else is imported)

import ctypes
import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eventlet import hubs
from eventlet.patcher import original

from local import SERVICES
from local.title import call_this_process

blocking_os = original("os")
PR_SET_PDEATHSIG = 1
told: dict[int, Path] = {}
"""Where the exit of each process that still runs is to be told."""


def serve(modules: Sequence[str]) -> None:
    """Fork what is asked for until stdin ends; these modules, too, are there from birth."""
    for module in [*(f"services.{service}.service" for service in SERVICES), *modules]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # the collector would otherwise touch, and so copy, every page that the forks share
    signal.signal(signal.SIGCHLD, reap)
    rest = b""
    while chunk := blocking_os.read(0, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            fork(json.loads(line))


def fork(request: dict[str, Any]) -> None:
    """Become two: the one goes on waiting for requests, the other does what is asked for from now on."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    pid = blocking_os.fork()
    if pid == 0:
        os._exit(be_somebody(request))
    told[pid] = Path(request["told"])
    tell(told[pid], str(pid))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def be_somebody(request: dict[str, Any]) -> int:
    """Run the module as if it had been started by itself; its exit code."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    hubs.use_hub()  # an import made one, whose epoll all forks would share, each woken for the sockets of the others
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(request["env"])
    forget_what_was_read()
    sys.argv = [request["module"], *request["arguments"]]
    call_this_process(["-m", *sys.argv], request["name"])
    try:
        code: int = importlib.import_module(request["module"]).main(request["arguments"])
        return code
    except SystemExit as leaving:
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
        return leaving.code if isinstance(leaving.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def forget_what_was_read() -> None:
    """Some modules look into the environment when they are imported, and keep what they saw: that was ours."""
    ours = [module for name, module in sys.modules.items() if name.startswith(("chassis.", "services."))]
    for value in [value for module in ours for value in vars(module).values()]:
        if hasattr(value, "cache_clear"):
            value.cache_clear()


def reap(number: int, frame: object) -> None:
    """Tell the exit codes of those who left."""
    while True:
        try:
            pid, status = blocking_os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        tell(told.pop(pid), f"exit {os.waitstatus_to_exitcode(status)}")


def tell(path: Path, text: str) -> None:
    """Add a line to a file."""
    with path.open("a") as file:
        file.write(f"{text}\n")


if __name__ == "__main__":
    serve(sys.argv[1:])
