"""The name that a process goes by in `ps` and `pgrep`: a fork would else be called like what it was forked from."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

PR_SET_NAME = 15
ARG_START, ARG_END, ENV_START, ENV_END = 45, 46, 47, 48
"""Fields of /proc/self/stat behind the command's name (proc(5) counts them from 48 to 51)."""


def call_this_process(arguments: list[str], short: str) -> None:
    """Write a command line over the one that the kernel shows; `short` is what `ps -e` and `top` show.

    Where it is longer than the old one it runs on into the environment that the process was started with, so
    `os.environ` must have been replaced before.
    """
    ctypes.CDLL(None).prctl(PR_SET_NAME, short.encode()[:15])
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end, env_start, env_end = (int(fields[place]) for place in (ARG_START, ARG_END, ENV_START, ENV_END))
    if not 0 < start < end:
        return
    room = (env_end if end == env_start else end) - start
    line = " ".join([sys.executable, *arguments]).encode("utf-8", "surrogateescape")[: room - 1]
    ctypes.memset(start, 0, max(end - start, len(line) + 1))
    ctypes.memmove(start, line, len(line))


def title_of(pid: int) -> str:
    """The command line of a process, as `ps` shows it."""
    return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).replace("\0", " ").strip()
