"""The version before this one, out of the history of the checkout."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chassis.migrate import script_of
from local import CHECKOUT, SERVICES

MIGRATIONS = "services/*/migrations/versions/*.py"
STEPS = 5
"""So many changes of the databases lie between the two."""
PARTS = ("chassis", "contracts", "services", "gateway", "local")


def version_before(folder: Path) -> Path:
    """A tree of the code as it was some migrations ago, or at RAPPORT_OLD_VERSION; skip where history is missing."""
    for commit in _commits_before():
        tree = folder / commit
        tree.mkdir()
        archive = _git("archive", "--format=tar", commit, *PARTS)
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive, check=True)
        if _could_be_installed(tree):
            return tree
    pytest.skip(f"no git history of {STEPS} migrations here; a shallow clone gets it by git fetch --unshallow")


def _commits_before() -> Iterator[str]:
    """The newest first."""
    if "RAPPORT_OLD_VERSION" in os.environ:
        yield os.environ["RAPPORT_OLD_VERSION"]
        return
    with suppress(subprocess.CalledProcessError, FileNotFoundError):
        for step in _git("log", "--format=%H", "--", MIGRATIONS).decode().split()[STEPS - 1 :]:
            yield _git("rev-parse", "--verify", f"{step}^").decode().strip()


def _could_be_installed(tree: Path) -> bool:
    """Whether each database had one last migration: for a while there were two, and nobody could install that."""
    folders = [tree / "services" / service / "migrations" / "versions" for service in SERVICES]
    return all(len(script_of(folder.parts[-3], folder).get_heads()) == 1 for folder in folders)


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=CHECKOUT, check=True, capture_output=True).stdout
