"""The version before this one, out of the history of the checkout."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from local import CHECKOUT

MIGRATIONS = "services/*/migrations/versions/*.py"
STEPS = 5
"""So many changes of the databases lie between the two."""
PARTS = ("chassis", "contracts", "services", "gateway", "local")


def version_before(folder: Path) -> Path:
    """A tree of the code as it was some migrations ago, or at RAPPORT_OLD_VERSION; skip where history is missing."""
    commit = os.environ.get("RAPPORT_OLD_VERSION") or _commit_before()
    if commit is None:
        pytest.skip(f"no git history of {STEPS} migrations here; a shallow clone gets it by git fetch --unshallow")
    archive = _git("archive", "--format=tar", commit, *PARTS)
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def _commit_before() -> str | None:
    try:
        steps = _git("log", f"-{STEPS}", "--format=%H", "--", MIGRATIONS).decode().split()
        return _git("rev-parse", "--verify", f"{steps[STEPS - 1]}^").decode().strip()
    except (subprocess.CalledProcessError, IndexError, FileNotFoundError):
        return None


def _git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=CHECKOUT, check=True, capture_output=True).stdout
