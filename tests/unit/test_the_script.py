"""The shell script in front of everything: it makes the virtual environment, once."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from local import CHECKOUT

PYTHON = """#!/bin/sh
case "$*" in
    *'-m venv'*) mkdir -p "$4/bin" && cp "$0" "$4/bin/python" ;;
    *'pip install'*' uv') echo begun >>"$DIARY"; sleep 0.3; echo done >>"$DIARY" ;;
esac
"""
"""Does what the script asks of a Python: makes an environment that holds it, and installs, which takes its time."""


@pytest.mark.requirement("O01")
def test_two_at_once_after_the_lock_file_changed_make_the_environment_once(tmp_path: Path) -> None:
    python, diary = tmp_path / "python", tmp_path / "diary"
    python.write_text(PYTHON)
    python.chmod(0o755)
    for name in ("rapport", "uv.lock"):
        shutil.copy(CHECKOUT / name, tmp_path)
    env = {"PATH": os.environ["PATH"], "RAPPORT_PYTHON": str(python), "DIARY": str(diary)}
    both = [subprocess.Popen([tmp_path / "rapport", "help"], env=env, stderr=subprocess.DEVNULL) for _ in range(2)]
    assert [each.wait(20) for each in both] == [0, 0]
    assert diary.read_text().split() == ["begun", "done"]
