"""What deploy/Dockerfile puts into each image, read from its lines, and what docker-compose.yml wants to be told."""

from __future__ import annotations

import re
from pathlib import Path

from local import CHECKOUT, SERVICES
from local.images.composed import COMPOSE_FILE

IMAGES = (*SERVICES, "gateway", "welcome")
DOCKERFILE = (CHECKOUT / "deploy" / "Dockerfile").read_text().replace("\\\n", " ")
SECRETS = re.findall(r"\$\{(\w+):\?", COMPOSE_FILE.read_text())
TOLD = {name: f"{name.lower()}-of-at-least-32-characters" for name in SECRETS}


def stages() -> dict[str, tuple[str, list[str]]]:
    """Of each stage: what it stands on, and the paths of the checkout that it copies."""
    found: dict[str, tuple[str, list[str]]] = {}
    paths: list[str] = []
    for line in DOCKERFILE.splitlines():
        if stage := re.match(r"FROM (\S+) AS (\w+)", line):
            paths = []
            found[stage[2]] = stage[1], paths
        elif line.startswith("COPY ") and "--from" not in line:
            paths += line.split()[1:-1]
    return found


def copied(image: str) -> list[str]:
    """The paths of the checkout in an image, from the ground up."""
    below, own = stages().get(image, ("", []))
    return [*copied(below), *own] if below else own


def files_of(image: str) -> set[Path]:
    """The Python files in an image."""
    parts = [CHECKOUT / path for path in copied(image)]
    return {file for part in parts for file in ([part] if part.is_file() else part.rglob("*.py"))}


def modules_of(image: str) -> set[str]:
    """The same by their names as modules."""
    names = (file.relative_to(CHECKOUT).with_suffix("").parts for file in files_of(image))
    return {".".join(name[:-1] if name[-1] == "__init__" else name) for name in names}
