"""Databases and queues as the code wants them, before the services start; not asked again while nothing changed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local import CHECKOUT, Trouble


class Migrating:
    """`python -m chassis.migrate`, with a note in the data folder of the code and the servers that it was done for."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.env = dict(env)
        self.log = folder / "log" / "migrate.log"
        self._note = folder / "migrated.for"

    def needed(self) -> bool:
        """Say whether code or servers are others than at the last start."""
        return not self._note.exists() or self._note.read_text() != self._fingerprint()

    def run(self) -> None:
        """Do it, and note what it was done for."""
        command = [sys.executable, "-m", "chassis.migrate"]
        with self.log.open("wb") as out:
            done = subprocess.run(command, env=self.env, cwd=CHECKOUT, stdout=out, stderr=out, check=False)
        if done.returncode:
            raise Trouble(f"the databases could not be migrated:\n{self.log.read_text(errors='replace')[-3000:]}")
        self._note.write_text(self._fingerprint())

    def _fingerprint(self) -> str:
        told = hashlib.sha256()
        for name in ("RAPPORT_DATABASE_URL", "RAPPORT_AMQP_URI", "RAPPORT_RETRY_DELAYS"):
            told.update(self.env.get(name, "").encode() + b"\0")
        for package in ("contracts", "chassis", "services"):
            for file in sorted((CHECKOUT / package).rglob("*.py")):
                told.update(file.read_bytes() + b"\0")
        return told.hexdigest()
