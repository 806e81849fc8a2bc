"""The demo's way through the front door."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import requests

from local import Trouble

PATIENCE = 20.0
"""So many seconds a step is tried again while a service does not answer."""


class Client:
    """Asks the gateway as one team member. A POST has a key of its own, so that a demo cut short can be made again."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Hang up."""
        self.session.close()

    def get(self, path: str, **query: Any) -> Any:
        """Read something."""
        return self._ask("GET", path, params=query)

    def post(self, path: str, key: str, **body: Any) -> Any:
        """Make something, once for each key."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": f"demo-{key}"})

    def change(self, path: str, **body: Any) -> Any:
        """Change something; doing it again changes nothing."""
        return self._ask("PATCH", path, json=body)

    def upload(self, path: str, file: Path) -> Any:
        """Send a file; doing it again is harmless, because importing recognises who is there already."""
        with file.open("rb") as content:
            files = {"file": (file.name, content.read(), "text/csv")}
        return self._ask("POST", path, files=files)

    def wait_for_job(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        """Look at a job until it has ended."""
        until = time.monotonic() + seconds
        while (job := self.get(f"/jobs/{job_id}"))["state"] in ("queued", "running"):
            if time.monotonic() > until:
                raise Trouble(f"the demo's import was not done after {seconds:.0f} s")
            time.sleep(0.2)
        return dict(job)

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        until = time.monotonic() + PATIENCE
        while True:
            answer = self.session.request(method, f"{self.url}/v1{path}", timeout=30, **more)
            if answer.ok:
                return answer.json() if answer.content else None
            if answer.status_code not in (404, 429, 503) or time.monotonic() > until:
                raise Trouble(f"the demo data could not be made: {method} {path} → {answer.status_code} {answer.text}")
            # 404 too: a service may not have heard yet of a contact that another one has just made
            time.sleep(0.3)
