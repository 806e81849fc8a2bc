"""The commands of README.md and docs/operations.md, taken from the pages and run as they are written."""

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
    return [line for line in _blocks(PAGE, section).splitlines() if line.startswith("./rapport ")]


def _blocks(page: Path, section: str) -> str:
    [text] = re.findall(rf"^## {re.escape(section)}\n(.*?)(?=^## |\Z)", page.read_text(), re.M | re.S)
    return "".join(re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S))


def journey(url: str, email: str, password: str) -> str:
    """Travel README's journey through the house there; what it prints, the errors among it."""
    lines = _blocks(CHECKOUT / "README.md", "A journey, with curl")
    for word, given in {"http://127.0.0.1:8080": url, "owner@example.org": email, "'…'": f"'{password}'"}.items():
        assert word in lines, f"README does not say {word} any more"
        lines = lines.replace(word, given)
    done = subprocess.run(["bash", "-c", lines], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def run(arguments: list[str], env: Mapping[str, str]) -> str:
    """Run one `./rapport` line; what it prints, if it did what it was told."""
    command = [sys.executable, "-m", "local", *arguments]
    done = subprocess.run(command, env=dict(env), cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout
