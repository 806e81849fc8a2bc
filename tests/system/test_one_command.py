"""`./rapport up`, as whoever has just cloned it runs it: started, killed, started again, and stopped."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest
import requests

from local import CHECKOUT
from local.ports import free_port
from local.processes import read_record, still_runs, stop_leftovers
from tests.house.procedures import journey

SECONDS_TO_START = 120
OWN = {"PATH", "HOME", "LANG"}
"""Of the environment; nothing else says where a server or a secret is."""


class Launched:
    """One `./rapport up`, and what it has said so far."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.said, self._lines = folder, "", Queue[str]()
        self.process = subprocess.Popen(
            [CHECKOUT / "rapport", "up", "--port", str(port), "--data", folder], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env={name: os.environ[name] for name in OWN & os.environ.keys()},
        )  # fmt: skip
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def hear(self, pattern: str) -> re.Match[str]:
        """Wait for a line like that."""
        while True:
            try:
                line = self._lines.get(timeout=SECONDS_TO_START)
            except Empty:
                raise AssertionError(f"nothing like {pattern!r} was said:\n{self.said}") from None
            self.said += line
            if found := re.search(pattern, line):
                return found

    def records(self) -> list[dict[str, Any]]:
        """The processes that it started."""
        return [record for path in (self.folder / "run").glob("*.json") if (record := read_record(path))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("data")
    yield folder
    stop_leftovers(folder)


@pytest.mark.requirement("O01")
@pytest.mark.timeout(600)
def test_one_command_runs_everything_and_what_was_killed_comes_back(folder: Path) -> None:
    port = free_port()
    api = f"http://127.0.0.1:{port}/v1"
    launched = Launched(folder, port)
    email, password = launched.hear(r"sign in: (\S+) / (\S+)").groups()
    launched.hear(rf"ready http://127\.0\.0\.1:{port}$")
    wearing = _signed_in(api, email, password)
    shown = requests.get(f"{api}/contacts?limit=100", headers=wearing, timeout=10).json()["items"]
    assert len(shown) > 10, "the demo's people"
    kept = requests.post(
        f"{api}/contacts", headers=wearing, json={"kind": "person", "enter_as": "customer", "first_name": "Zoë"},
        timeout=10,
    ).json()  # fmt: skip

    launched.process.kill()
    launched.process.wait(10)
    again = Launched(folder, port)
    again.hear("ready http")
    second = Launched(folder, free_port())
    second.hear("already runs from")
    assert second.process.wait(30) == 1
    wearing = _signed_in(api, email, password)
    assert requests.get(f"{api}/contacts/{kept['id']}", headers=wearing, timeout=10).json()["first_name"] == "Zoë"

    told = journey(api.removesuffix("/v1"), email, password)
    assert not re.search(r"/problems/|Traceback|Error|curl: ", told), f"README's journey went wrong:\n{told}"

    started = again.records()
    assert len([record for record in started if still_runs(record)]) > 12
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(60) == 0
    assert [record["name"] for record in started if still_runs(record)] == []


def _signed_in(api: str, email: str, password: str) -> dict[str, str]:
    answer = requests.post(f"{api}/sessions", json={"email": email, "password": password}, timeout=10)
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}
