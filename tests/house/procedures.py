"""The commands of docs/operations.md, taken from the page and run as they are written."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local import CHECKOUT

PAGE = CHECKOUT / "docs" / "operations.md"


def as_written(section: str, env: Mapping[str, str], *, only: str = "", **given: str | Path) -> str:
    """Run the `./rapport` lines of a section, or those with a certain verb, in their order; what they print.

    `given`: what stands in the place of a word of the page, such as DIR.
    """
    lines = [line for line in _commands(section) if line.split()[1] == (only or line.split()[1])]
    assert lines, f"docs/operations.md has no such command under {section}"
    return "".join(run([str(given.get(word, word)) for word in shlex.split(line)[1:]], env) for line in lines)


def _commands(section: str) -> list[str]:
    [text] = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S)
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.startswith("./rapport ")]


def run(arguments: list[str], env: Mapping[str, str]) -> str:
    """Run one `./rapport` line; what it prints, if it did what it was told."""
    command = [sys.executable, "-m", "local", *arguments]
    done = subprocess.run(command, env=dict(env), cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout
