"""What `./rapport VERB` says when it cannot do what the verb asks for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("verb", [["parked", "list"], ["migrate"]], ids=" ".join)
def test_a_verb_that_needs_a_house_says_so_when_there_is_none(tmp_path: Path, verb: list[str]) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("RAPPORT_")}
    env["RAPPORT_DATA"] = str(tmp_path)
    command = [sys.executable, "-m", "local", *verb]
    told = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (told.returncode, "Traceback" in told.stderr) == (1, False)
    assert str(tmp_path) in told.stderr
    assert "./rapport up" in told.stderr
