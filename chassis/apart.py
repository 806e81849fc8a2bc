"""Work on what strangers sent, in a process of its own: what costs too much time or memory ends there, and alone."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

from contracts.errors import Invalid, NotFound, Problem

LOOK_SECONDS = 5.0
MIB = 1024 * 1024
_PR_SET_PDEATHSIG = 1
_ADDRESSES = 1024
"""MiB of addresses beside the data: libraries are mapped and cost nothing until they are used."""


def answer_of(
    module: str,
    question: dict[str, Any],
    *,
    seconds: int,
    megabytes: int,
    meanwhile: Callable[[], Any] = lambda: None,
) -> dict[str, Any]:
    """Let `python -m module` answer, which calls `answer_with`; its Invalid and NotFound are raised here.

    Raises TimeoutError and MemoryError when it took more than `seconds` or `megabytes`, and RuntimeError when it broke.
    `meanwhile` is called every few seconds, for a transaction that must not look forgotten.
    """
    limits = {"seconds": seconds, "megabytes": megabytes, "parent": os.getpid()}
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        asked.write(json.dumps({"question": question, "limits": limits}).encode())
        asked.seek(0)
        process = subprocess.Popen([sys.executable, "-m", module], stdin=asked, stdout=said, stderr=subprocess.DEVNULL)
        try:
            _wait(process, seconds, meanwhile)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        said.seek(0)
        return _answer(said.read(), process.returncode)


def _wait(process: subprocess.Popen[bytes], seconds: int, meanwhile: Callable[[], Any]) -> None:
    left = float(seconds)
    while True:
        try:
            process.wait(min(LOOK_SECONDS, left))
        except subprocess.TimeoutExpired:
            left -= LOOK_SECONDS
            if left <= 0:
                raise TimeoutError(f"It took more than {seconds} seconds.") from None
            meanwhile()
        else:
            return


def _answer(said: bytes, code: int) -> dict[str, Any]:
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        raise TimeoutError("It took too long.")
    if not said:  # native code that is refused memory aborts without a word
        raise MemoryError("It took too much memory.")
    told = json.loads(said)
    if "answer" in told:
        return told["answer"]
    kind, detail = told["problem"], told["detail"]
    if kind == "Invalid":
        raise Invalid(detail, told["errors"])
    if kind == "NotFound":
        raise NotFound(detail)
    if kind == "MemoryError":
        raise MemoryError(detail)
    raise RuntimeError(f"{kind}: {detail}")


def answer_with(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Be the process apart: keep to the limits, answer the one question, and do not outlive who asked."""
    asked = json.load(sys.stdin)
    limits = asked["limits"]
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != limits["parent"]:
        return
    data = limits["megabytes"] * MIB
    resource.setrlimit(resource.RLIMIT_DATA, (data, data))
    resource.setrlimit(resource.RLIMIT_AS, (data + _ADDRESSES * MIB,) * 2)
    resource.setrlimit(resource.RLIMIT_CPU, (limits["seconds"], limits["seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits["seconds"] + 1)
    told: dict[str, Any]
    try:
        told = {"answer": answer(asked["question"])}
    except Problem as problem:
        told = {"problem": type(problem).__name__, "detail": problem.detail, "errors": problem.errors}
    except MemoryError:
        told = {"problem": "MemoryError", "detail": "It took too much memory."}
    except Exception as error:  # a message may quote what the file says: only its kind goes on
        told = {"problem": type(error).__name__, "detail": "It could not be done."}
    sys.stdout.write(json.dumps(told))
    sys.stdout.flush()
