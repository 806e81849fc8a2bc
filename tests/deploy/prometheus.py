"""Prometheus' own tools: those of this machine, else out of Debian's package, which is not installed for that."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

KEPT = Path(tempfile.gettempdir()) / "rapport-promtool"


@cache
def promtool() -> str:
    """Where it is."""
    found = shutil.which("promtool")
    return found or str(unpacked("promtool"))


def unpacked(name: str) -> Path:
    """A program of the package `prometheus`, kept in the temporary folder for the next run."""
    program = KEPT / name
    if not program.exists():
        KEPT.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=KEPT) as folder:
            _fetch(Path(folder))
            (package,) = Path(folder).glob("prometheus_*.deb")
            subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
            (Path(folder) / "usr" / "bin" / name).rename(program)
    return program


def _fetch(folder: Path) -> None:
    download = ["apt-get", "download", "-q", "prometheus"]
    if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=True)
        subprocess.run(download, cwd=folder, capture_output=True, check=True)
