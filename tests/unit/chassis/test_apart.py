"""A process apart keeps to its limits, says why it refused, and does not outlive who asked."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from chassis.apart import answer_of
from contracts.errors import Invalid
from local.processes import started_at
from tests.builders.waiting import eventually

GREEDY = "tests.builders.greedy"


def test_an_answer_and_a_refusal_come_back_as_they_were_given():
    assert answer_of(GREEDY, {"x": ["ä"]}, seconds=20, megabytes=200) == {"said": {"x": ["ä"]}}
    with pytest.raises(Invalid, match="no table") as refusal:
        answer_of(GREEDY, {"refuse": "This is no table."}, seconds=20, megabytes=200)
    assert refusal.value.errors == [{"pointer": "/file", "detail": "This is no table."}]


def test_what_breaks_is_told_without_what_it_was_about():
    with pytest.raises(RuntimeError) as broken:
        answer_of(GREEDY, {"break": "a secret"}, seconds=20, megabytes=200)
    assert "KeyError" in str(broken.value)
    assert "secret" not in str(broken.value)


@pytest.mark.requirement("C19")
def test_too_much_memory_and_too_much_time_end_it():
    assert answer_of(GREEDY, {"megabytes": 50}, seconds=20, megabytes=150) == {"taken": 50 * 1024 * 1024}
    with pytest.raises(MemoryError):
        answer_of(GREEDY, {"megabytes": 500}, seconds=20, megabytes=150)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        answer_of(GREEDY, {"spin": True}, seconds=1, megabytes=150)
    assert time.monotonic() - started < 10


def test_it_ends_with_who_asked(tmp_path: Path):
    mark = tmp_path / "mark"
    asked = f"{GREEDY!r}, {{'mark': {str(mark)!r}}}, seconds=60, megabytes=200"
    code = f"from chassis.apart import answer_of; answer_of({asked})"
    asker = subprocess.Popen([sys.executable, "-c", code])
    pid = int(eventually(lambda: mark.exists() and mark.read_text()))
    assert started_at(pid), "it is at work"
    asker.kill()
    asker.wait()
    eventually(lambda: started_at(pid) is None)
